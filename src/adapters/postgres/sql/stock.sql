-- name: lock
-- In the order in which reserving locks them.
SELECT warehouse, on_hand, reserved, moves FROM stock_level
WHERE sku = %(sku)s
ORDER BY sku, warehouse
FOR NO KEY UPDATE;

-- name: save
INSERT INTO stock_level (sku, warehouse, on_hand) VALUES (%(sku)s, %(warehouse)s, %(on_hand)s)
ON CONFLICT (sku, warehouse) DO UPDATE SET on_hand = excluded.on_hand;

-- name: find
-- The levels and the version of one moment.
SELECT warehouse, on_hand, reserved, moves, version
FROM stock_level, streams
WHERE sku = %(sku)s AND stream_category = %(category)s AND stream_id = %(id)s
ORDER BY warehouse;

-- name: availability
SELECT warehouse, sku, on_hand - reserved AS available FROM stock_level WHERE sku = ANY (%(skus)s);
