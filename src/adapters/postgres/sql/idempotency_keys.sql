-- name: claim
-- What `KeyUse.after` makes of the row, in one statement, so that of two who claim a key one gets it; the row tells who.
INSERT INTO idempotency_key AS present (key, fingerprint, operation_id, attempt, leased_until, expires_at)
VALUES (%(key)s, %(fingerprint)s, %(attempt)s, %(attempt)s, %(leased_until)s, %(expires_at)s)
ON CONFLICT (key) DO UPDATE SET (fingerprint, operation_id, attempt, leased_until, expires_at, answer) = (
    SELECT
        CASE WHEN due.is_free THEN excluded.fingerprint ELSE present.fingerprint END,
        CASE WHEN due.is_over THEN excluded.operation_id ELSE present.operation_id END,
        CASE WHEN due.is_free THEN excluded.attempt ELSE present.attempt END,
        CASE WHEN due.is_free THEN excluded.leased_until ELSE present.leased_until END,
        CASE WHEN due.is_free THEN excluded.expires_at ELSE present.expires_at END,
        CASE WHEN due.is_free THEN NULL ELSE present.answer END
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
RETURNING key, fingerprint, operation_id, attempt, leased_until, expires_at, answer

-- name: keep
UPDATE idempotency_key SET answer = %(answer)s
WHERE key = %(key)s AND attempt = %(attempt)s

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
