-- name: levels
-- All that a reservation does to stock, and what is told of it, in one statement: nobody waits between its steps for us.
-- The rows of the levels are locked first, one after the other in the order of SKUs, which is that of the lines, by whoever
-- changes them; only then comes the compare-and-set of the reservation's stream, which is the only thing that those of
-- other lines could wait for. So nobody waits for who waits for them. A lock gives the row as it was committed last, which
-- is what is judged: what would come of it, and whether all lines suffice. Where one does not, or the reservation was changed
-- meanwhile, nothing is written.
-- The lines come through sub-selects so that the planner does not know how many they are: it would plan each time anew.
WITH level AS MATERIALIZED (
    SELECT
        line.sku,
        locked.on_hand + %(on_hand)s * line.quantity AS on_hand,
        locked.reserved + %(reserved)s * line.quantity AS reserved
    FROM unnest((SELECT %(skus)s::text[]), (SELECT %(quantities)s::bigint[])) AS line (sku, quantity),
        LATERAL (
            SELECT on_hand, reserved FROM stock_level
            WHERE sku = line.sku AND warehouse = %(warehouse)s
            FOR NO KEY UPDATE
        ) AS locked
),
sufficing AS (SELECT count(*) AS lines FROM level WHERE reserved BETWEEN 0 AND on_hand),

-- name: made
-- Of a new reservation.
stream AS (
    INSERT INTO streams (stream_category, stream_id, version)
    SELECT %(category)s, %(id)s, 1 FROM sufficing
    WHERE sufficing.lines = cardinality(%(skus)s::text[])
    ON CONFLICT DO NOTHING
    RETURNING version
),
kept AS (
    INSERT INTO reservation (
        id, version, reference, warehouse, skus, quantities, status, expires_at, created_at
    )
    SELECT
        %(id)s, stream.version, %(reference)s, %(warehouse)s, %(skus)s, %(quantities)s, %(status)s,
        %(expires_at)s, %(created_at)s
    FROM stream
),

-- name: changed
-- Of one that is there.
stream AS (
    UPDATE streams SET version = version + 1
    FROM sufficing
    WHERE stream_category = %(category)s AND stream_id = %(id)s AND version = %(expected_version)s
        AND sufficing.lines = cardinality(%(skus)s::text[])
    RETURNING version
),
kept AS (
    UPDATE reservation SET version = stream.version, status = %(status)s FROM stream WHERE id = %(id)s
),

-- name: moved
-- Levels are changed by what finds them as they are now. UPDATE would look for them as they were when the statement began,
-- and once more where somebody has changed them since, which on a busy shelf is most of the time.
moved AS (
    INSERT INTO stock_level AS present (sku, warehouse, on_hand, reserved)
    SELECT level.sku, %(warehouse)s, level.on_hand, level.reserved FROM level, stream
    ON CONFLICT (sku, warehouse) DO UPDATE
    SET on_hand = excluded.on_hand, reserved = excluded.reserved, moves = present.moves + 1
),
appended AS (
    INSERT INTO events (
        stream_category, stream_id, version, type, schema_version, event_id, data,
        occurred_at, correlation_id, causation_id, user_id, traceparent
    )
    SELECT
        %(category)s, %(id)s, stream.version, %(type)s, %(schema_version)s, %(event_id)s, %(data)s::jsonb,
        %(occurred_at)s, %(correlation_id)s, %(causation_id)s, %(user_id)s, %(traceparent)s
    FROM stream
)
SELECT
    (SELECT version FROM stream) AS version,
    ARRAY(SELECT sku FROM level WHERE reserved BETWEEN 0 AND on_hand) AS sufficing;

-- name: version
SELECT version FROM streams WHERE stream_category = %(category)s AND stream_id = %(id)s;

-- name: find
SELECT id, version, reference, warehouse, skus, quantities, status, expires_at, created_at
FROM reservation
WHERE id = %(id)s;

-- name: due
SELECT id, version, reference, warehouse, skus, quantities, status, expires_at, created_at
FROM reservation
WHERE status = 'Held' AND expires_at <= %(now)s
ORDER BY expires_at
LIMIT %(limit)s;
