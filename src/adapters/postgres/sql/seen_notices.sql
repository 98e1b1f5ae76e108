-- name: has
SELECT 1 FROM seen_notice WHERE id = %(id)s

-- name: add
INSERT INTO seen_notice (id, seen_at) VALUES (%(id)s, %(seen_at)s)
ON CONFLICT (id) DO NOTHING

-- name: discard_before
DELETE FROM seen_notice
WHERE id IN (
    SELECT id FROM seen_notice
    WHERE seen_at < %(seen_at)s
    ORDER BY seen_at
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
