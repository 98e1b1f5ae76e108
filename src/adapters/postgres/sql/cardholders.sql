-- name: find
SELECT name, address
FROM payment_cardholder
WHERE payment_id = %(payment_id)s

-- name: add
INSERT INTO payment_cardholder (payment_id, name, address)
VALUES (%(payment_id)s, %(name)s, %(address)s)

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
