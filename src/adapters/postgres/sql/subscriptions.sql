-- name: acquire
-- Leases are timed by the server's clock alone.
INSERT INTO subscription AS present (name, fencing_token, holder, leased_until)
VALUES (%(name)s, 1, %(holder)s, clock_timestamp() + make_interval(secs => %(for_s)s))
ON CONFLICT (name) DO UPDATE
SET fencing_token = present.fencing_token + 1, holder = excluded.holder, leased_until = excluded.leased_until
WHERE NOT present.is_paused AND (present.leased_until IS NULL OR present.leased_until <= clock_timestamp())
RETURNING fencing_token, position

-- name: renew
UPDATE subscription SET leased_until = clock_timestamp() + make_interval(secs => %(for_s)s)
WHERE name = %(name)s AND fencing_token = %(token)s

-- name: release
UPDATE subscription SET holder = NULL, leased_until = NULL
WHERE name = %(name)s AND fencing_token = %(token)s

-- name: states
SELECT
    name, position, is_paused, holder, leased_until,
    (SELECT count(*) FROM deferred_event WHERE subscription = name) AS deferred,
    (SELECT count(*) FROM deferred_event WHERE subscription = name AND parked_at IS NOT NULL) AS parked
FROM subscription
WHERE %(name)s::text IS NULL OR name = %(name)s
ORDER BY name COLLATE "C"

-- name: pause
UPDATE subscription
SET is_paused = true, fencing_token = fencing_token + 1, holder = NULL, leased_until = NULL
WHERE name = %(name)s

-- name: resume
UPDATE subscription SET is_paused = false
WHERE name = %(name)s

-- name: reset
UPDATE subscription
SET position = %(position)s, fencing_token = fencing_token + 1, holder = NULL, leased_until = NULL
WHERE name = %(name)s

-- name: forget
DELETE FROM deferred_event
WHERE subscription = %(name)s
