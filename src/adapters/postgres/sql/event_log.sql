-- name: append
-- The compare-and-set of the stream's version and the events, in one statement. It returns no row on a conflict, and
-- draws no position then: events are inserted only from what the compare-and-set returned. So are rows that stand beside
-- them: they follow here.
-- A missing stream is only created where version 0 is expected, or any.
-- The batch is one text with a line an event: id, type, schema version and data, tabs between them.
WITH stream AS (
    INSERT INTO streams AS present (stream_category, stream_id, version)
    SELECT %(category)s, %(id)s, %(count)s
    WHERE coalesce(%(expected_version)s::bigint, 0) = 0
        OR EXISTS (SELECT FROM streams WHERE stream_category = %(category)s AND stream_id = %(id)s)
    ON CONFLICT (stream_category, stream_id) DO UPDATE SET version = present.version + excluded.version
    WHERE %(expected_version)s::bigint IS NULL OR present.version = %(expected_version)s::bigint
    RETURNING version
),
appended AS (
    INSERT INTO events (
        stream_category, stream_id, version, type, schema_version, event_id, data,
        occurred_at, correlation_id, causation_id, user_id, traceparent
    )
    SELECT
        %(category)s, %(id)s, (SELECT version FROM stream) - %(count)s + event.nth,
        split_part(event.line, E'\t', 2), split_part(event.line, E'\t', 3)::integer,
        split_part(event.line, E'\t', 1)::uuid, split_part(event.line, E'\t', 4)::jsonb,

-- name: common_origin
-- What the events of nearly every batch share comes once, beside it.
        %(occurred_at)s::timestamptz, %(correlation_id)s::uuid, %(causation_id)s::uuid, %(user_id)s::uuid,
        %(traceparent)s::text

-- name: own_origins
-- Else it is the fifth part of each line.
        (split_part(event.line, E'\t', 5)::jsonb ->> 'occurred_at')::timestamptz,
        (split_part(event.line, E'\t', 5)::jsonb ->> 'correlation_id')::uuid,
        (split_part(event.line, E'\t', 5)::jsonb ->> 'causation_id')::uuid,
        (split_part(event.line, E'\t', 5)::jsonb ->> 'user_id')::uuid,
        split_part(event.line, E'\t', 5)::jsonb ->> 'traceparent'

-- name: batch
-- In the order of its lines, which those with their ordinality have without being sorted.
    FROM string_to_table(%(events)s, E'\n') WITH ORDINALITY AS event (line, nth)
    WHERE EXISTS (SELECT FROM stream)
    ORDER BY event.nth
)

-- name: appended
SELECT version FROM stream

-- name: lock
-- What an append of nothing checks; no other transaction moves the version before this one ends.
SELECT version FROM streams
WHERE stream_category = %(category)s AND stream_id = %(id)s
FOR NO KEY UPDATE;

-- name: stored
-- After a refused append: the version there is, and the events that stand where the new ones were to go.
SELECT
    version,
    ARRAY(
        SELECT event_id FROM events
        WHERE stream_category = %(category)s AND stream_id = %(id)s
            AND version > %(expected_version)s AND version <= %(expected_version)s + %(count)s
        ORDER BY version
    ) AS event_ids
FROM streams
WHERE stream_category = %(category)s AND stream_id = %(id)s;

-- name: read_stream
SELECT
    global_position, stream_category, stream_id, version, type, schema_version, data::text,
    event_id, occurred_at, correlation_id, causation_id, user_id, traceparent
FROM events
WHERE stream_category = %(category)s AND stream_id = %(id)s AND version > %(after_version)s
ORDER BY version
LIMIT %(limit)s::bigint;

-- name: read_events
SELECT type, schema_version, data::text FROM events
WHERE stream_category = %(category)s AND stream_id = %(id)s AND version > %(after_version)s
ORDER BY version
LIMIT %(limit)s::bigint;

-- name: read_all
SELECT
    global_position, stream_category, stream_id, version, type, schema_version, data::text,
    event_id, occurred_at, correlation_id, causation_id, user_id, traceparent
FROM events
WHERE global_position > %(after_position)s
ORDER BY global_position
LIMIT %(limit)s::bigint;
