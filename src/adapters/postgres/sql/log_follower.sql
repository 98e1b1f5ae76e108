-- name: read
-- As event_log.read_all, but without the data of what is not wanted: its positions alone tell where gaps are.
SELECT
    global_position, stream_category, stream_id, version, type, schema_version,
    CASE
        WHEN (%(categories)s::text[] IS NULL OR stream_category = ANY (%(categories)s::text[]))
            AND (%(types)s::text[] IS NULL OR type = ANY (%(types)s::text[]))
        THEN data::text
    END,
    event_id, occurred_at, correlation_id, causation_id, user_id, traceparent
FROM events
WHERE global_position > %(after_position)s
ORDER BY global_position
LIMIT %(limit)s;

-- name: newest
SELECT coalesce(max(global_position), 0) AS newest FROM events;

-- name: next_since
SELECT occurred_at FROM events
WHERE global_position > %(position)s
ORDER BY global_position
LIMIT 1;

-- name: under_way
-- The newest event, and the transactions of this database that may still fill a position before it: those that hold
-- the lock that every writer of events takes before it draws a position, and keeps until what it wrote is visible.
-- The locks are read after the statement's snapshot was taken, so whoever drew an earlier position and holds no lock
-- now has ended, and what it committed is in the next statement's snapshot.
-- A transaction is told by its virtual id and by its ids, of which it may not have one yet: the first alone does not
-- outlive a restart of the server, which the transaction does once it is prepared (and it has no process then).
-- Vacuum and DDL take locks of other modes; a replica does not know of its primary's.
WITH held AS MATERIALIZED (
    SELECT locktype, mode, database, relation, virtualtransaction, transactionid FROM pg_locks WHERE granted
),
writer AS (
    SELECT virtualtransaction FROM held
    WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND relation = 'events'::regclass
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
)
SELECT
    coalesce((SELECT max(global_position) FROM events), 0) AS newest,
    ARRAY(
        SELECT concat_ws(
            ' ',
            virtualtransaction,
            (
                SELECT string_agg(held.transactionid::text, ' ') FROM held
                WHERE held.virtualtransaction = writer.virtualtransaction
                    AND held.locktype = 'transactionid' AND held.mode = 'ExclusiveLock'
            )
        )
        FROM writer
    ) AS writers,
    pg_is_in_recovery() AS on_replica;
