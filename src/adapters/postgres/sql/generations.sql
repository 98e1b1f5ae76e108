-- name: one_by_one
-- Of those who begin, swap or remove generations; whoever reads them does not wait.
LOCK TABLE projection_generation IN SHARE ROW EXCLUSIVE MODE

-- name: of
SELECT projection, number, version, status FROM projection_generation
WHERE %(projection)s::text IS NULL OR projection = %(projection)s
ORDER BY number

-- name: add
INSERT INTO projection_generation (projection, version, status)
VALUES (%(projection)s, %(version)s, 'building')
RETURNING number

-- name: set_status
UPDATE projection_generation SET status = %(status)s
WHERE number = %(number)s

-- name: remove
DELETE FROM projection_generation
WHERE number = %(number)s

-- name: lock_subscription
-- Whoever fills the generation does not get on before this transaction ends.
SELECT position, fencing_token FROM subscription
WHERE name = %(name)s
FOR UPDATE

-- name: has_deferred
SELECT EXISTS (SELECT FROM deferred_event WHERE subscription = %(name)s) AS has_deferred

-- name: forget_subscription
DELETE FROM subscription
WHERE name = %(name)s

-- name: forget_deferred
DELETE FROM deferred_event
WHERE subscription = %(name)s

-- name: reached
SELECT coalesce(subscription.position, 0) AS position
FROM projection_generation AS live
LEFT JOIN subscription ON subscription.name = live.projection || '-' || live.number
WHERE live.projection = %(projection)s AND live.status = 'live'
