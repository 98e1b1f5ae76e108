-- name: hit
-- What `RateLimit.counted` makes of the counter, in one statement, so that no hit is lost between a look and a write.
INSERT INTO rate_counter AS present (id, tries, length_s, ends_at)
VALUES (%(id)s, 1, %(window_s)s, %(at)s + make_interval(secs => %(window_s)s))
ON CONFLICT (id) DO UPDATE SET (tries, length_s, ends_at) = (
    SELECT
        CASE WHEN due.is_open THEN present.tries + 1 ELSE 1 END,
        due.length_s,
        -- Of null and a time, the time is the least.
        least(CASE WHEN due.is_open THEN present.ends_at END, %(at)s + make_interval(secs => due.length_s))
    FROM (
        SELECT
            %(at)s < present.ends_at AS is_open,
            CASE
                WHEN %(at)s < present.ends_at THEN present.length_s
                WHEN present.tries < %(count)s THEN %(window_s)s
                WHEN %(at)s >= present.ends_at + make_interval(secs => present.length_s) THEN %(window_s)s
                ELSE greatest(%(window_s)s, least(present.length_s * %(growth)s, %(longest_wait_s)s))
            END AS length_s
    ) AS due
)
RETURNING tries, length_s, ends_at

-- name: give_back
-- What `RateLimit.given_back` makes of it.
UPDATE rate_counter SET tries = greatest(least(tries, %(count)s) - 1, 0)
WHERE id = %(id)s AND ends_at > %(at)s

-- name: sweep
-- The oldest that make no difference any more. One that is being hit just now is left alone: it is not that old.
DELETE FROM rate_counter
WHERE id IN (
    SELECT id FROM rate_counter
    WHERE ends_at <= %(at)s AND ends_at + make_interval(secs => length_s) <= %(at)s
    ORDER BY ends_at
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
