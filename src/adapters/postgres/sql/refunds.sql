-- name: get
SELECT id, payment_id, amount_minor, currency, reason, status, created_at FROM refund WHERE id = %(id)s

-- name: save
INSERT INTO refund (id, payment_id, amount_minor, currency, reason, status, created_at)
VALUES (%(id)s, %(payment_id)s, %(amount_minor)s, %(currency)s, %(reason)s, %(status)s, %(created_at)s)
ON CONFLICT (id) DO UPDATE SET status = excluded.status

-- name: list
-- One row at least, so that the count arrives with a page past the end, too: its refund columns are null then.
SELECT counted.total_count, page.*
FROM (SELECT count(*) AS total_count FROM refund WHERE payment_id = %(payment_id)s) AS counted
LEFT JOIN LATERAL (
    SELECT id, payment_id, amount_minor, currency, reason, status, created_at
    FROM refund
    WHERE payment_id = %(payment_id)s
    ORDER BY created_at DESC, id DESC
    LIMIT %(limit)s OFFSET %(offset)s
) AS page ON true
ORDER BY page.created_at DESC, page.id DESC

-- name: list_after
SELECT id, payment_id, amount_minor, currency, reason, status, created_at
FROM refund
WHERE payment_id = %(payment_id)s AND (created_at, id) < (%(after_created_at)s, %(after_id)s)
ORDER BY created_at DESC, id DESC
LIMIT %(limit)s
