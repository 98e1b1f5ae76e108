-- name: load
SELECT category, id, phase, step, attempts, started_at, deadline, since, due_at, attention FROM open_saga
WHERE generation = %(generation)s
  AND (category, id) IN (SELECT * FROM unnest(%(categories)s::text[], %(ids)s::uuid[]))

-- name: store
INSERT INTO open_saga (
    generation, category, id, phase, step, attempts, started_at, deadline, since, due_at, attention
)
SELECT %(generation)s, stored.*
FROM unnest(
    %(categories)s::text[], %(ids)s::uuid[], %(phases)s::text[], %(steps)s::text[], %(attempts)s::integer[],
    %(started)s::timestamptz[], %(deadlines)s::timestamptz[], %(since)s::timestamptz[], %(due)s::timestamptz[],
    %(attention)s::text[]
) AS stored (category, id, phase, step, attempts, started_at, deadline, since, due_at, attention)
ON CONFLICT (generation, category, id) DO UPDATE SET
    phase = excluded.phase,
    step = excluded.step,
    attempts = excluded.attempts,
    deadline = excluded.deadline,
    since = excluded.since,
    due_at = excluded.due_at,
    attention = excluded.attention

-- name: delete
DELETE FROM open_saga
WHERE generation = %(generation)s
  AND (category, id) IN (SELECT * FROM unnest(%(categories)s::text[], %(ids)s::uuid[]))

-- name: forget
-- Of several processes that do so at once, one waits for the other and goes on with what is left then.
DELETE FROM open_saga
WHERE generation = %(generation)s AND (category, id) IN (
    SELECT category, id FROM open_saga
    WHERE generation = %(generation)s
    ORDER BY category, id
    LIMIT 5000
    FOR UPDATE
)

-- name: due
-- No row: there is no live generation. The generation and its rows are of one statement, and so of one snapshot.
SELECT saga.*
FROM projection_generation AS live
LEFT JOIN LATERAL (
    SELECT category, id, phase, step, attempts, started_at, deadline, since, due_at, attention FROM open_saga
    WHERE generation = live.number AND due_at <= %(at)s
    ORDER BY due_at, id
    LIMIT %(limit)s
) AS saga ON true
WHERE live.projection = %(projection)s AND live.status = 'live'
ORDER BY saga.due_at, saga.id

-- name: list
SELECT saga.*
FROM projection_generation AS live
LEFT JOIN LATERAL (
    SELECT category, id, phase, step, attempts, started_at, deadline, since, due_at, attention FROM open_saga
    WHERE generation = live.number
      AND (%(needs_attention)s::boolean IS NULL OR (attention IS NOT NULL) = %(needs_attention)s)
    ORDER BY since, id
    LIMIT %(limit)s
) AS saga ON true
WHERE live.projection = %(projection)s AND live.status = 'live'
ORDER BY saga.since, saga.id

-- name: backlog
SELECT saga.*
FROM projection_generation AS live
LEFT JOIN LATERAL (
    SELECT category, phase, step, count(*) AS count, min(since) AS since, count(attention) AS attention
    FROM open_saga
    WHERE generation = live.number
    GROUP BY category, phase, step
) AS saga ON true
WHERE live.projection = %(projection)s AND live.status = 'live'
ORDER BY saga.category, saga.phase, saga.step
