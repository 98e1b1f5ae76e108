-- name: of_skus
SELECT id, version, sku, name, currency, price_minor, discount_percentage, max_discount, active, created_at
FROM product
WHERE sku = ANY (%(skus)s)

-- name: save
INSERT INTO product (
    id, version, sku, name, currency, price_minor, discount_percentage, max_discount, active, created_at, searched_text
) VALUES (
    %(id)s, %(version)s, %(sku)s, %(name)s, %(currency)s, %(price_minor)s, %(discount_percentage)s, %(max_discount)s,
    %(active)s, %(created_at)s, %(searched_text)s
)
ON CONFLICT (id) DO UPDATE SET
    version = excluded.version,
    name = excluded.name,
    currency = excluded.currency,
    price_minor = excluded.price_minor,
    discount_percentage = excluded.discount_percentage,
    max_discount = excluded.max_discount,
    active = excluded.active,
    searched_text = excluded.searched_text

-- name: list
-- One row at least, so that the count arrives with a page past the end, too: its other columns are null then.
WITH wanted AS NOT MATERIALIZED (
    SELECT *
    FROM product
    WHERE (%(active)s::boolean IS NULL OR active = %(active)s)
      AND (%(search)s::text IS NULL OR strpos(searched_text, %(search)s) > 0)
)
SELECT counted.total_count, page.*
FROM (SELECT count(*) AS total_count FROM wanted) AS counted
LEFT JOIN LATERAL (
    SELECT id, version, sku, name, currency, price_minor, discount_percentage, max_discount, active, created_at
    FROM wanted
    ORDER BY created_at DESC, id DESC
    LIMIT %(limit)s OFFSET %(offset)s
) AS page ON true
ORDER BY page.created_at DESC, page.id DESC

-- name: list_after
-- The comparison of rows is where the scan of an index begins: what stands before is never touched.
SELECT id, version, sku, name, currency, price_minor, discount_percentage, max_discount, active, created_at
FROM product
WHERE (created_at, id) < (%(after_created_at)s, %(after_id)s)
  AND (%(active)s::boolean IS NULL OR active = %(active)s)
  AND (%(search)s::text IS NULL OR strpos(searched_text, %(search)s) > 0)
ORDER BY created_at DESC, id DESC
LIMIT %(limit)s
