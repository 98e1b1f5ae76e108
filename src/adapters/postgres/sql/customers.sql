-- name: get
SELECT id, version, personal, created_by, created_at, updated_at
FROM customer
WHERE id = %(id)s AND erased_at IS NULL

-- name: save
INSERT INTO customer (id, version, personal, email_hash, created_by, created_at, updated_at)
VALUES (
    %(id)s, %(version)s, %(personal)s, %(email_hash)s, %(created_by)s, %(created_at)s, %(updated_at)s
)
ON CONFLICT (id) DO UPDATE SET
    version = excluded.version,
    personal = excluded.personal,
    email_hash = excluded.email_hash,
    updated_at = excluded.updated_at

-- name: erase
UPDATE customer
SET version = %(version)s, personal = NULL, email_hash = NULL, updated_at = %(at)s, erased_at = %(at)s
WHERE id = %(id)s

-- name: list
-- One row at least, so that the count arrives with a page past the end, too: its other columns are null then.
WITH wanted AS NOT MATERIALIZED (
    SELECT *
    FROM customer
    WHERE erased_at IS NULL
      AND (%(created_by)s::uuid IS NULL OR created_by = %(created_by)s)
      AND (%(created_from)s::timestamptz IS NULL OR created_at >= %(created_from)s)
      AND (%(created_before)s::timestamptz IS NULL OR created_at < %(created_before)s)
)
SELECT counted.total_count, page.*
FROM (SELECT count(*) AS total_count FROM wanted) AS counted
LEFT JOIN LATERAL (
    SELECT id, version, personal, created_by, created_at, updated_at
    FROM wanted
    ORDER BY created_at DESC, id DESC
    LIMIT %(limit)s OFFSET %(offset)s
) AS page ON true
ORDER BY page.created_at DESC, page.id DESC

-- name: list_after
-- The comparison of rows is where the scan of an index begins: what stands before is never touched.
SELECT id, version, personal, created_by, created_at, updated_at
FROM customer
WHERE (created_at, id) < (%(after_created_at)s, %(after_id)s)
  AND erased_at IS NULL
  AND (%(created_by)s::uuid IS NULL OR created_by = %(created_by)s)
  AND (%(created_from)s::timestamptz IS NULL OR created_at >= %(created_from)s)
  AND (%(created_before)s::timestamptz IS NULL OR created_at < %(created_before)s)
ORDER BY created_at DESC, id DESC
LIMIT %(limit)s

-- name: ids_by_email
-- A hash under each key, because a row has that of the key which sealed it.
SELECT id
FROM customer
WHERE email_hash = ANY (%(hashes)s) AND erased_at IS NULL
  AND (%(created_by)s::uuid IS NULL OR created_by = %(created_by)s)

-- name: count_outdated
-- What the current key has sealed begins with its head; it has made the hash beside it, too.
SELECT count(*) AS outdated
FROM customer
WHERE substring(personal FROM 1 FOR length(%(head)s)) <> %(head)s

-- name: lock_outdated
-- Locked until they are written again, so that whoever erases one meanwhile comes before or after, and not between.
SELECT id AS row_id, personal
FROM customer
WHERE id > %(after)s
  AND substring(personal FROM 1 FOR length(%(head)s)) <> %(head)s
ORDER BY id
LIMIT %(limit)s
FOR NO KEY UPDATE

-- name: replace
UPDATE customer AS kept
SET personal = sealed.personal, email_hash = sealed.email_hash
FROM unnest(%(ids)s::uuid[], %(personal)s::bytea[], %(email_hash)s::bytea[]) AS sealed (id, personal, email_hash)
WHERE kept.id = sealed.id
