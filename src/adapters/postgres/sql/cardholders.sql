-- name: find
SELECT name, address
FROM payment_cardholder
WHERE payment_id = %(payment_id)s

-- name: add
-- Beside the append of a payment's first events, and its row. Whoever erases the customer meanwhile is waited for, or
-- waits: either sees what the other has done.
payer AS (
    SELECT erased_at FROM customer WHERE id = %(customer_id)s FOR SHARE
),
held AS (
    INSERT INTO payment_cardholder (payment_id, name, address)
    SELECT %(id)s, %(holder_name)s::bytea, %(holder_address)s::bytea
    FROM stream
    WHERE NOT EXISTS (SELECT FROM payer WHERE erased_at IS NOT NULL)
)

-- name: erase_of
-- Locked in the order in which a rotation of keys locks them, so that the two are never in a deadlock.
DELETE FROM payment_cardholder
WHERE payment_id IN (
    SELECT kept.payment_id
    FROM payment_cardholder AS kept
    JOIN payment ON payment.id = kept.payment_id
    WHERE payment.customer_id = %(customer_id)s
    ORDER BY kept.payment_id
    FOR UPDATE OF kept
)

-- name: count_outdated
-- What the current key has sealed begins with its head.
SELECT count(*) AS outdated
FROM payment_cardholder
WHERE substring(name FROM 1 FOR length(%(head)s)) <> %(head)s
   OR substring(address FROM 1 FOR length(%(head)s)) <> %(head)s

-- name: lock_outdated
-- Locked until they are written again, so that whoever erases one meanwhile comes before or after, and not between.
SELECT payment_id AS row_id, name, address
FROM payment_cardholder
WHERE payment_id > %(after)s
  AND (
    substring(name FROM 1 FOR length(%(head)s)) <> %(head)s
    OR substring(address FROM 1 FOR length(%(head)s)) <> %(head)s
  )
ORDER BY payment_id
LIMIT %(limit)s
FOR NO KEY UPDATE

-- name: replace
UPDATE payment_cardholder AS kept
SET name = sealed.name, address = sealed.address
FROM unnest(%(ids)s::uuid[], %(name)s::bytea[], %(address)s::bytea[]) AS sealed (payment_id, name, address)
WHERE kept.payment_id = sealed.payment_id
