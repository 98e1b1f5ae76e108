-- name: add
-- Only for a user who is there, and who stays at least until this transaction ends.
INSERT INTO one_time_token (token_hash, purpose, user_id, email, expires_at)
SELECT %(token_hash)s, %(purpose)s, id, %(email)s, %(expires_at)s
FROM user_account
WHERE id = %(user_id)s
FOR KEY SHARE

-- name: find
SELECT token_hash, purpose, user_id, email, expires_at
FROM one_time_token
WHERE token_hash = %(token_hash)s AND purpose = %(purpose)s

-- name: take
DELETE FROM one_time_token
WHERE token_hash = %(token_hash)s AND purpose = %(purpose)s
RETURNING token_hash, purpose, user_id, email, expires_at

-- name: discard_of
DELETE FROM one_time_token
WHERE user_id = %(user_id)s AND purpose = %(purpose)s

-- name: discard_expired
-- Who is at work on one, if anybody, is not waited for: the next time it goes.
DELETE FROM one_time_token
WHERE token_hash IN (
    SELECT token_hash FROM one_time_token
    WHERE expires_at < %(before)s
    ORDER BY expires_at
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
