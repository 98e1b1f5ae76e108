-- name: find
SELECT id, version, customer_id, token, brand, last4, expiry_month, expiry_year, created_by, created_at
FROM card
WHERE id = %(id)s

-- name: add
INSERT INTO card (
    id, version, customer_id, token, brand, last4, expiry_month, expiry_year, created_by, created_at
) VALUES (
    %(id)s, %(version)s, %(customer_id)s, %(token)s, %(brand)s, %(last4)s, %(expiry_month)s, %(expiry_year)s,
    %(created_by)s, %(created_at)s
)
