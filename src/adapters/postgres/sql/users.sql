-- name: get
SELECT id, version, username, email, email_verified, password_hash, roles, created_at, updated_at
FROM user_account
WHERE id = %(id)s

-- name: claim
-- Names that are free become the user's; of the others' it tells which. It waits for whoever is about to take one, and
-- so that two who want the same names never wait for each other, everybody takes e-mail addresses first.
-- The update of another's row changes nothing: it makes the row be returned, even if it was written after this
-- statement began, when a plain look would miss it. One's own is left alone.
INSERT INTO name_claim AS present (kind, digest, user_id)
VALUES ('email', %(email)s, %(user_id)s), ('username', %(username)s, %(user_id)s)
ON CONFLICT (kind, digest) DO UPDATE SET user_id = present.user_id WHERE present.user_id <> excluded.user_id
RETURNING kind, user_id

-- name: save
INSERT INTO user_account (
    id, version, username, email, email_verified, password_hash, roles, created_at, updated_at
) VALUES (
    %(id)s, %(version)s, %(username)s, %(email)s, %(email_verified)s, %(password_hash)s, %(roles)s,
    %(created_at)s, %(updated_at)s
)
ON CONFLICT (id) DO UPDATE SET
    version = excluded.version,
    username = excluded.username,
    email = excluded.email,
    email_verified = excluded.email_verified,
    password_hash = excluded.password_hash,
    roles = excluded.roles,
    updated_at = excluded.updated_at

-- name: delete
-- The mailed tokens of the user go with it.
DELETE FROM user_account WHERE id = %(id)s

-- name: forget_origins
UPDATE session SET ip_address = NULL, user_agent = NULL WHERE user_id = %(id)s

-- name: queue_for_admins
-- Held until the transaction ends. It is not the rows that are locked: whoever saves one has moved its stream before,
-- and would wait for the lock while its holder waits for the stream.
SELECT pg_advisory_xact_lock('user_account'::regclass::oid::integer, 0)

-- name: admins
SELECT id FROM user_account WHERE 'Admin' = ANY (roles)

-- name: find_by_login
SELECT id, version, username, email, email_verified, password_hash, roles, created_at, updated_at
FROM user_account
WHERE id IN (SELECT user_id FROM name_claim WHERE kind IN ('email', 'username') AND digest = %(digest)s)

-- name: taken
SELECT kind, digest
FROM name_claim
WHERE (kind, digest) IN (SELECT * FROM unnest(%(kinds)s::text[], %(digests)s::bytea[]))

-- name: list
-- One row at least, so that the count arrives with a page past the end, too: its other columns are null then.
SELECT counted.total_count, page.*
FROM (SELECT count(*) AS total_count FROM user_account) AS counted
LEFT JOIN LATERAL (
    SELECT id, version, username, email, email_verified, password_hash, roles, created_at, updated_at
    FROM user_account
    ORDER BY created_at DESC, id DESC
    LIMIT %(limit)s OFFSET %(offset)s
) AS page ON true
ORDER BY page.created_at DESC, page.id DESC

-- name: list_after
-- The comparison of rows is where the scan of the index begins: what stands before is never touched.
SELECT id, version, username, email, email_verified, password_hash, roles, created_at, updated_at
FROM user_account
WHERE (created_at, id) < (%(after_created_at)s, %(after_id)s)
ORDER BY created_at DESC, id DESC
LIMIT %(limit)s
