-- What was asked under the keys that callers send, and what was answered. Neither a key nor what was asked can be read
-- here: both are hashes. The row is committed before anything is done under its key.
CREATE TABLE idempotency_key (
    key          bytea       PRIMARY KEY,
    fingerprint  bytea       NOT NULL,
    operation_id uuid        NOT NULL,
    attempt      uuid        NOT NULL,
    leased_until timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    answer       bytea
);

-- Finds the keys that are over.
CREATE INDEX idempotency_key_expires_at ON idempotency_key (expires_at);
