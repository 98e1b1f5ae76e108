-- name: get
SELECT id AS session_id, version AS session_version, user_id, token_hash, created_at AS session_created_at,
       last_activity_at, expires_at, ip_address, user_agent, ended_at
FROM session
WHERE id = %(id)s

-- name: save
-- Only for a user who is there, and who stays at least until this transaction ends. Activity is noted by `touch` alone.
INSERT INTO session (
    id, version, user_id, token_hash, created_at, last_activity_at, expires_at, ip_address, user_agent, ended_at
)
SELECT
    %(id)s, %(version)s, id, %(token_hash)s, %(created_at)s, %(last_activity_at)s, %(expires_at)s, %(ip_address)s,
    %(user_agent)s, %(ended_at)s
FROM user_account
WHERE id = %(user_id)s
FOR KEY SHARE
ON CONFLICT (id) DO UPDATE SET version = excluded.version, ended_at = excluded.ended_at

-- name: not_ended_of
SELECT id AS session_id, version AS session_version, user_id, token_hash, created_at AS session_created_at,
       last_activity_at, expires_at, ip_address, user_agent, ended_at
FROM session
WHERE user_id = %(user_id)s AND ended_at IS NULL AND expires_at > %(at)s
ORDER BY created_at DESC, id DESC

-- name: discard_expired
-- Who is at work on one, if anybody, is not waited for: the next time it goes.
DELETE FROM session
WHERE id IN (
    SELECT id FROM session WHERE expires_at < %(before)s ORDER BY expires_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)

-- name: find_by_token
SELECT session.id AS session_id, session.version AS session_version, user_id, token_hash,
       session.created_at AS session_created_at, last_activity_at, expires_at, ip_address, user_agent, ended_at,
       account.*
FROM session
LEFT JOIN user_account AS account ON account.id = user_id
WHERE token_hash = %(token_hash)s

-- name: find
SELECT session.id AS session_id, session.version AS session_version, user_id, token_hash,
       session.created_at AS session_created_at, last_activity_at, expires_at, ip_address, user_agent, ended_at,
       account.*
FROM session
LEFT JOIN user_account AS account ON account.id = user_id
WHERE session.id = %(id)s

-- name: touch
UPDATE session SET last_activity_at = %(at)s
WHERE id = %(id)s AND last_activity_at < %(at)s

-- name: has_logged_in_from
SELECT FROM session WHERE user_id = %(user_id)s AND ip_address::inet <<= %(site)s::inet LIMIT 1
