-- The token of an account that was deleted was good once, and its holder is told so: the session stays until it is
-- discarded like any other, without where it came from. Who saves a session holds the account's row until its end, so
-- none begins for an account that is gone.
ALTER TABLE session DROP CONSTRAINT session_user_id_fkey;
