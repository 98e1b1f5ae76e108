-- name: add
-- Whoever erases the customer meanwhile is waited for, or waits: either sees what the other has done.
WITH buyer AS (
    SELECT erased_at FROM customer WHERE id = %(customer_id)s FOR SHARE
)
INSERT INTO order_particulars (order_id, customer_id, delivery_address)
SELECT %(order_id)s, %(customer_id)s, %(delivery_address)s::bytea
WHERE NOT EXISTS (SELECT FROM buyer WHERE erased_at IS NOT NULL)

-- name: explain
-- One of the three is given. A row without an address was erased.
UPDATE order_particulars
SET cancel_reason = coalesce(%(cancel_reason)s, cancel_reason),
    ship_reason = coalesce(%(ship_reason)s, ship_reason),
    deliver_reason = coalesce(%(deliver_reason)s, deliver_reason)
WHERE order_id = %(order_id)s AND delivery_address IS NOT NULL

-- name: erase_of
-- Locked in the order in which a rotation of keys locks them, so that the two are never in a deadlock.
UPDATE order_particulars
SET delivery_address = NULL, cancel_reason = NULL, ship_reason = NULL, deliver_reason = NULL
WHERE order_id IN (
    SELECT order_id FROM order_particulars
    WHERE customer_id = %(customer_id)s
    ORDER BY order_id
    FOR NO KEY UPDATE
)

-- name: of
SELECT order_id, delivery_address, cancel_reason, ship_reason, deliver_reason
FROM order_particulars
WHERE order_id = ANY (%(order_ids)s) AND delivery_address IS NOT NULL

-- name: count_outdated
-- What the current key has sealed begins with its head.
SELECT count(*) AS outdated
FROM order_particulars
WHERE substring(delivery_address FROM 1 FOR length(%(head)s)) <> %(head)s
   OR substring(cancel_reason FROM 1 FOR length(%(head)s)) <> %(head)s
   OR substring(ship_reason FROM 1 FOR length(%(head)s)) <> %(head)s
   OR substring(deliver_reason FROM 1 FOR length(%(head)s)) <> %(head)s

-- name: lock_outdated
-- Locked until they are written again, so that whoever erases one meanwhile comes before or after, and not between.
SELECT order_id AS row_id, delivery_address, cancel_reason, ship_reason, deliver_reason
FROM order_particulars
WHERE order_id > %(after)s
  AND (
    substring(delivery_address FROM 1 FOR length(%(head)s)) <> %(head)s
    OR substring(cancel_reason FROM 1 FOR length(%(head)s)) <> %(head)s
    OR substring(ship_reason FROM 1 FOR length(%(head)s)) <> %(head)s
    OR substring(deliver_reason FROM 1 FOR length(%(head)s)) <> %(head)s
  )
ORDER BY order_id
LIMIT %(limit)s
FOR NO KEY UPDATE

-- name: replace
UPDATE order_particulars AS kept
SET delivery_address = sealed.delivery_address, cancel_reason = sealed.cancel_reason, ship_reason = sealed.ship_reason,
    deliver_reason = sealed.deliver_reason
FROM unnest(
    %(ids)s::uuid[], %(delivery_address)s::bytea[], %(cancel_reason)s::bytea[], %(ship_reason)s::bytea[],
    %(deliver_reason)s::bytea[]
) AS sealed (order_id, delivery_address, cancel_reason, ship_reason, deliver_reason)
WHERE kept.order_id = sealed.order_id
