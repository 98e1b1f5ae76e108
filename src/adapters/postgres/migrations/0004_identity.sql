-- Accounts as they stand. The version is that of the account's stream: the log's compare-and-set is the only lock on a
-- row. A deleted account leaves no row.
CREATE TABLE user_account (
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    username text NOT NULL,
    email text NOT NULL,
    email_verified boolean NOT NULL,
    password_hash text NOT NULL,
    roles text[] NOT NULL CHECK (roles @> '{User}' AND roles <@ '{User,Staff,Admin}'),
    order_count integer NOT NULL CHECK (order_count >= 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

-- Lists are newest first, ties by id.
CREATE INDEX user_account_newest ON user_account (created_at DESC, id DESC);
-- Who is Admin: a few of many.
CREATE INDEX user_account_admin ON user_account (id) WHERE 'Admin' = ANY (roles);

-- Which account a username or an e-mail address belongs to, or once did: taken for ever, so that nobody can pass for
-- whoever had it before. A row is never changed or deleted and outlives its account, hence no foreign key, and a hash
-- in place of the name, the same in any case.
CREATE TABLE name_claim (
    kind text NOT NULL CHECK (kind IN ('email', 'username')),
    digest bytea NOT NULL,
    user_id uuid NOT NULL,
    PRIMARY KEY (kind, digest)
);

-- Logins. Where one came from is personal, so the rows go with the account; that they were is in the log.
CREATE TABLE session (
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    user_id uuid NOT NULL REFERENCES user_account ON DELETE CASCADE,
    -- Finds the session of every request.
    token_hash bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL,
    last_activity_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ip_address text,
    user_agent text,
    ended_at timestamptz
);

-- A user's own list, which shows none that was ended.
CREATE INDEX session_not_ended ON session (user_id, created_at DESC, id DESC) WHERE ended_at IS NULL;
-- Whether the user has logged in from an address before, asked at every login; and what goes with the account.
CREATE INDEX session_origin ON session (user_id, ip_address);

-- Mailed tokens that nobody has used yet.
CREATE TABLE one_time_token (
    token_hash bytea PRIMARY KEY,
    purpose text NOT NULL CHECK (purpose IN ('email_verification', 'password_reset')),
    user_id uuid NOT NULL REFERENCES user_account ON DELETE CASCADE,
    email text NOT NULL,
    expires_at timestamptz NOT NULL
);

-- A user's tokens are discarded together; and what goes with the account.
CREATE INDEX one_time_token_of_user ON one_time_token (user_id, purpose);
