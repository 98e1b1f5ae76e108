-- name: get
SELECT id, version, currency, balance_minor, may_be_overdrawn, created_at FROM account WHERE id = %(id)s

-- name: lock
-- In one order for all, so that nobody waits for who waits for them.
SELECT id, version, currency, balance_minor, may_be_overdrawn, created_at
FROM account
WHERE id = ANY (%(ids)s)
ORDER BY id
FOR NO KEY UPDATE

-- name: save
-- Beside the append of the account's events.
kept AS (
    INSERT INTO account (id, version, currency, balance_minor, may_be_overdrawn, created_at)
    SELECT %(id)s, stream.version, %(currency)s, %(balance_minor)s, %(may_be_overdrawn)s, %(created_at)s
    FROM stream
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, balance_minor = excluded.balance_minor
)
