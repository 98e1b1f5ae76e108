-- name: load
SELECT id, version, created_at, state::text AS state FROM order_summary
WHERE generation = %(generation)s AND id = ANY (%(ids)s)

-- name: store
INSERT INTO order_summary (generation, id, version, status, customer_id, created_by, created_at, state)
SELECT %(generation)s, stored.*
FROM unnest(
    %(ids)s::uuid[], %(versions)s::integer[], %(statuses)s::text[], %(customer_ids)s::uuid[], %(makers)s::uuid[],
    %(times)s::timestamptz[], %(states)s::json[]
) AS stored (id, version, status, customer_id, created_by, created_at, state)
ON CONFLICT (generation, id) DO UPDATE SET
    version = excluded.version,
    status = excluded.status,
    state = excluded.state

-- name: forget
-- Of several processes that do so at once, one waits for the other and goes on with what is left then.
DELETE FROM order_summary
WHERE generation = %(generation)s AND id IN (
    SELECT id FROM order_summary
    WHERE generation = %(generation)s
    ORDER BY id
    LIMIT 5000
    FOR UPDATE
)

-- name: list
-- No row: there is no live generation. The generation, how far it is, and its rows are of one statement, and so of one
-- snapshot. One row at least where there is one, so that the count arrives with a page past the end, too.
SELECT coalesce(subscription.position, 0) AS position, counted.total_count, page.*
FROM projection_generation AS live
LEFT JOIN subscription ON subscription.name = live.projection || '-' || live.number
CROSS JOIN LATERAL (
    SELECT count(*) AS total_count FROM order_summary
    WHERE generation = live.number
      AND (%(status)s::text IS NULL OR status = %(status)s)
      AND (%(customer_id)s::uuid IS NULL OR customer_id = %(customer_id)s)
      AND (%(created_by)s::uuid IS NULL OR created_by = %(created_by)s)
) AS counted
LEFT JOIN LATERAL (
    SELECT id, version, created_at, state::text AS state FROM order_summary
    WHERE generation = live.number
      AND (%(status)s::text IS NULL OR status = %(status)s)
      AND (%(customer_id)s::uuid IS NULL OR customer_id = %(customer_id)s)
      AND (%(created_by)s::uuid IS NULL OR created_by = %(created_by)s)
    ORDER BY created_at DESC, id DESC
    LIMIT %(limit)s OFFSET %(offset)s
) AS page ON true
WHERE live.projection = %(projection)s AND live.status = 'live'
ORDER BY page.created_at DESC, page.id DESC

-- name: list_after
-- The comparison of rows is where the scan of an index begins: what stands before is never touched.
SELECT coalesce(subscription.position, 0) AS position, page.*
FROM projection_generation AS live
LEFT JOIN subscription ON subscription.name = live.projection || '-' || live.number
LEFT JOIN LATERAL (
    SELECT id, version, created_at, state::text AS state FROM order_summary
    WHERE generation = live.number
      AND (created_at, id) < (%(after_created_at)s, %(after_id)s)
      AND (%(status)s::text IS NULL OR status = %(status)s)
      AND (%(customer_id)s::uuid IS NULL OR customer_id = %(customer_id)s)
      AND (%(created_by)s::uuid IS NULL OR created_by = %(created_by)s)
    ORDER BY created_at DESC, id DESC
    LIMIT %(limit)s
) AS page ON true
WHERE live.projection = %(projection)s AND live.status = 'live'
ORDER BY page.created_at DESC, page.id DESC

-- name: confirmed_counts
SELECT created_by, count(*) AS confirmed
FROM order_summary
WHERE generation = (
        SELECT number FROM projection_generation WHERE projection = %(projection)s AND status = 'live'
    )
  AND created_by = ANY (%(user_ids)s)
  AND status IN ('Confirmed', 'Shipped', 'Delivered')
GROUP BY created_by
