-- name: save
-- All that a reservation does to stock, and what is told of it, in one statement: nobody waits between its steps for us.
-- The rows of the levels are locked first, in the order of SKUs, by whoever changes them; only then comes the
-- compare-and-set of the reservation's stream, which is the only thing that those of other lines could wait for. So
-- nobody waits for who waits for them. A lock gives the row as it was committed last, which is what is judged.
-- Where a line is short of stock, or the reservation was changed meanwhile, nothing is written.
WITH line AS (
    SELECT sku, quantity FROM unnest(%(skus)s::text[], %(quantities)s::bigint[]) AS line (sku, quantity)
),
locked AS MATERIALIZED (
    SELECT sku, on_hand, reserved FROM stock_level
    WHERE warehouse = %(warehouse)s AND sku = ANY (%(skus)s::text[])
    ORDER BY sku
    FOR NO KEY UPDATE
),
short AS (
    SELECT line.sku FROM line LEFT JOIN locked USING (sku)
    WHERE locked.sku IS NULL
        OR NOT locked.reserved + %(reserved)s * line.quantity
            BETWEEN 0 AND locked.on_hand + %(on_hand)s * line.quantity
),
stream AS (
    INSERT INTO streams AS present (stream_category, stream_id, version)
    SELECT %(category)s, %(id)s, 1
    WHERE NOT EXISTS (SELECT FROM short)
        AND (
            %(expected_version)s = 0
            OR EXISTS (SELECT FROM streams WHERE stream_category = %(category)s AND stream_id = %(id)s)
        )
    ON CONFLICT (stream_category, stream_id) DO UPDATE SET version = present.version + 1
    WHERE present.version = %(expected_version)s
    RETURNING version
),
moved AS (
    UPDATE stock_level AS level
    SET on_hand = level.on_hand + %(on_hand)s * line.quantity,
        reserved = level.reserved + %(reserved)s * line.quantity,
        moves = level.moves + 1
    FROM line, stream
    WHERE level.warehouse = %(warehouse)s AND level.sku = line.sku
),
kept AS (
    INSERT INTO reservation (
        id, version, reference, warehouse, skus, quantities, status, expires_at, created_at
    )
    SELECT
        %(id)s, stream.version, %(reference)s, %(warehouse)s, %(skus)s, %(quantities)s, %(status)s,
        %(expires_at)s, %(created_at)s
    FROM stream
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, status = excluded.status
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
SELECT (SELECT version FROM stream) AS version, ARRAY(SELECT sku FROM short) AS short;

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
