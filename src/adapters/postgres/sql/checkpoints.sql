-- name: move
-- From where it is known to be: where an earlier state of the database was put back, it is not.
UPDATE subscription SET position = %(position)s
WHERE name = %(name)s AND fencing_token = %(token)s AND position = %(known)s

-- name: defer
INSERT INTO deferred_event (
    subscription, position, stream_category, stream_id, failures, error, due_at, parked_at
)
SELECT
    subscription, position, stream_category, stream_id, failures, error, due_at, parked_at
FROM json_populate_recordset(NULL::deferred_event, %(events)s::json)
ON CONFLICT (subscription, position) DO UPDATE
SET failures = excluded.failures, error = excluded.error, due_at = excluded.due_at, parked_at = excluded.parked_at

-- name: settle
DELETE FROM deferred_event
WHERE subscription = %(subscription)s AND position = %(position)s

-- name: deferred_streams
SELECT DISTINCT stream_category, stream_id FROM deferred_event
WHERE subscription = %(subscription)s

-- name: deferred_positions
SELECT position FROM deferred_event
WHERE subscription = %(subscription)s AND position > %(after_position)s

-- name: due
SELECT subscription, position, stream_category, stream_id, failures, error, due_at, parked_at
FROM (
    SELECT DISTINCT ON (stream_category, stream_id) *
    FROM deferred_event
    WHERE subscription = %(subscription)s
    ORDER BY stream_category, stream_id, position
) AS first
WHERE parked_at IS NULL AND (due_at IS NULL OR due_at <= %(at)s)
ORDER BY position
LIMIT %(limit)s

-- name: parked
SELECT subscription, position, stream_category, stream_id, failures, error, due_at, parked_at
FROM deferred_event
WHERE parked_at IS NOT NULL AND position > %(after_position)s
    AND (%(subscription)s::text IS NULL OR subscription = %(subscription)s)
ORDER BY position, subscription COLLATE "C"
LIMIT %(limit)s

-- name: retry
UPDATE deferred_event SET failures = 0, parked_at = NULL
WHERE subscription = %(subscription)s AND position = %(position)s AND parked_at IS NOT NULL

-- name: discard
DELETE FROM deferred_event
WHERE subscription = %(subscription)s AND position = %(position)s AND parked_at IS NOT NULL
