-- name: events_after
-- With the version of its stream as of the same moment, so that what is appended meanwhile looks like no flaw.
SELECT
    events.global_position, events.stream_category, events.stream_id, events.version, events.type,
    events.schema_version, events.data::text, streams.version AS stream_version
FROM events
LEFT JOIN streams ON streams.stream_category = events.stream_category AND streams.stream_id = events.stream_id
WHERE (events.stream_category, events.stream_id, events.version) > (%(category)s, %(id)s, %(version)s)
ORDER BY events.stream_category, events.stream_id, events.version
LIMIT %(limit)s;

-- name: streams_after
SELECT
    stream_category, stream_id,
    EXISTS (
        SELECT FROM events
        WHERE events.stream_category = streams.stream_category AND events.stream_id = streams.stream_id
    ) AS has_events
FROM streams
WHERE (stream_category, stream_id) > (%(category)s, %(id)s)
ORDER BY stream_category, stream_id
LIMIT %(limit)s;
