-- name: claim
-- What `KeyUse.after` makes of the row, in one statement, so that of two who claim a key one gets it; the row tells who.
INSERT INTO idempotency_key AS present (key, fingerprint, operation_id, attempt, leased_until, expires_at)
VALUES (%(key)s, %(fingerprint)s, %(attempt)s, %(attempt)s, %(leased_until)s, %(expires_at)s)
ON CONFLICT (key) DO UPDATE SET (fingerprint, operation_id, attempt, leased_until, expires_at, answer, customer_id) = (
    SELECT
        CASE WHEN due.is_free THEN excluded.fingerprint ELSE present.fingerprint END,
        CASE WHEN due.is_over THEN excluded.operation_id ELSE present.operation_id END,
        CASE WHEN due.is_free THEN excluded.attempt ELSE present.attempt END,
        CASE WHEN due.is_free THEN excluded.leased_until ELSE present.leased_until END,
        CASE WHEN due.is_free THEN excluded.expires_at ELSE present.expires_at END,
        CASE WHEN due.is_free THEN NULL ELSE present.answer END,
        CASE WHEN due.is_free THEN NULL ELSE present.customer_id END
    FROM (
        SELECT
            known.is_over,
            known.is_over OR (known.is_left AND present.fingerprint = excluded.fingerprint) AS is_free
        FROM (
            SELECT
                present.expires_at <= %(at)s AND (present.answer IS NOT NULL OR present.leased_until <= %(at)s) AS is_over,
                present.answer IS NULL AND present.leased_until <= %(at)s AS is_left
        ) AS known
    ) AS due
)
RETURNING key, fingerprint, operation_id, attempt, leased_until, expires_at, answer, customer_id

-- name: keep
-- Whoever erases the customer meanwhile is waited for, or waits: either sees what the other has done.
WITH shown AS (
    SELECT erased_at FROM customer WHERE id = %(customer_id)s FOR SHARE
)
UPDATE idempotency_key SET answer = %(answer)s, customer_id = %(customer_id)s
WHERE key = %(key)s AND attempt = %(attempt)s
  AND NOT EXISTS (SELECT FROM shown WHERE erased_at IS NOT NULL)

-- name: erase_of
-- What was asked is known by its id; nobody is at work on it, and who asks the same again hears what there is now.
UPDATE idempotency_key SET answer = NULL, customer_id = NULL, leased_until = timestamptz 'epoch'
WHERE customer_id = %(customer_id)s

-- name: free
DELETE FROM idempotency_key
WHERE key = %(key)s AND attempt = %(attempt)s

-- name: leave
UPDATE idempotency_key SET leased_until = %(at)s
WHERE key = %(key)s AND attempt = %(attempt)s

-- name: discard_expired
DELETE FROM idempotency_key
WHERE key IN (
    SELECT key FROM idempotency_key
    WHERE expires_at <= %(at)s AND (answer IS NOT NULL OR leased_until <= %(at)s)
    ORDER BY expires_at
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)

-- name: count_outdated
-- Only what shows something personal is sealed.
SELECT count(*) AS outdated
FROM idempotency_key
WHERE customer_id IS NOT NULL AND substring(answer FROM 1 FOR length(%(head)s)) <> %(head)s

-- name: lock_outdated
SELECT operation_id AS row_id, answer
FROM idempotency_key
WHERE operation_id > %(after)s
  AND customer_id IS NOT NULL AND substring(answer FROM 1 FOR length(%(head)s)) <> %(head)s
ORDER BY operation_id
LIMIT %(limit)s
FOR NO KEY UPDATE

-- name: replace
UPDATE idempotency_key AS kept
SET answer = sealed.answer
FROM unnest(%(ids)s::uuid[], %(answer)s::bytea[]) AS sealed (operation_id, answer)
WHERE kept.operation_id = sealed.operation_id
