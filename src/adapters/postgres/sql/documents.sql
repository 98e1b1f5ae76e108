-- name: load
SELECT key, body FROM document
WHERE generation = %(generation)s AND key = ANY (%(keys)s)

-- name: store
INSERT INTO document (generation, key, body)
SELECT %(generation)s, key, body
FROM unnest(%(keys)s::text[], %(bodies)s::jsonb[]) AS document (key, body)
ON CONFLICT (generation, key) DO UPDATE SET body = excluded.body

-- name: delete
DELETE FROM document
WHERE generation = %(generation)s AND key = ANY (%(keys)s)

-- name: forget
-- Of several processes that do so at once, one waits for the other and goes on with what is left then.
DELETE FROM document
WHERE generation = %(generation)s AND key IN (
    SELECT key FROM document
    WHERE generation = %(generation)s
    ORDER BY key
    LIMIT 5000
    FOR UPDATE
)

-- name: get
-- No row: there is no live generation. The generation is found out and read in one statement, and so by one snapshot.
SELECT document.body
FROM projection_generation AS live
LEFT JOIN document ON document.generation = live.number AND document.key = %(key)s
WHERE live.projection = %(projection)s AND live.status = 'live'

-- name: ascending
SELECT document.key, document.body
FROM projection_generation AS live
LEFT JOIN LATERAL (
    SELECT key, body FROM document
    WHERE generation = live.number AND key >= %(first)s AND key < %(end)s AND key > %(after)s
    ORDER BY key
    LIMIT %(limit)s
) AS document ON true
WHERE live.projection = %(projection)s AND live.status = 'live'
ORDER BY document.key

-- name: descending
SELECT document.key, document.body
FROM projection_generation AS live
LEFT JOIN LATERAL (
    SELECT key, body FROM document
    WHERE generation = live.number AND key >= %(first)s AND key < %(end)s
    ORDER BY key DESC
    LIMIT %(limit)s
) AS document ON true
WHERE live.projection = %(projection)s AND live.status = 'live'
ORDER BY document.key DESC
