-- name: post
-- Beside the append of the events that moved the money, and the row that they are of.
booked AS (
    INSERT INTO journal (event_id, line, account, amount_minor, currency, payment_id, transfer_id, at)
    SELECT posting.*
    FROM stream, jsonb_to_recordset(%(postings)s::jsonb) AS posting (
        event_id uuid, line integer, account text, amount_minor bigint, currency text, payment_id uuid,
        transfer_id uuid, at timestamptz
    )
)

-- name: of_payment
SELECT event_id, at, payment_id, transfer_id, currency, array_agg(account ORDER BY line) AS accounts,
       array_agg(amount_minor ORDER BY line) AS amounts_minor
FROM journal
WHERE payment_id = %(payment_id)s
GROUP BY event_id, at, payment_id, transfer_id, currency
ORDER BY at, event_id

-- name: transfer
SELECT event_id, at, payment_id, transfer_id, currency, array_agg(account ORDER BY line) AS accounts,
       array_agg(amount_minor ORDER BY line) AS amounts_minor
FROM journal
WHERE transfer_id = %(transfer_id)s
GROUP BY event_id, at, payment_id, transfer_id, currency

-- name: booked
-- One statement, so that payments and journal are seen at the same moment.
SELECT seen.id, seen.version, seen.status, seen.failure_code, seen.currency, seen.captured_minor, seen.refunded_minor,
       seen.awaits_since IS NOT NULL AS awaits_gateway,
       coalesce(booked.captured_minor, 0) AS booked_captured_minor,
       coalesce(booked.refunded_minor, 0) AS booked_refunded_minor
FROM (
    SELECT id, version, status, failure_code, currency, captured_minor, refunded_minor, awaits_since
    FROM payment
    WHERE id >= %(first)s
    ORDER BY id
    LIMIT %(limit)s
) AS seen
LEFT JOIN LATERAL (
    SELECT -sum(amount_minor) FILTER (WHERE account = 'contract_liabilities') AS captured_minor,
           sum(amount_minor) FILTER (WHERE account = 'refunds') AS refunded_minor
    FROM journal
    WHERE journal.payment_id = seen.id AND journal.currency = seen.currency
) AS booked ON true
ORDER BY seen.id

-- name: payment_count
SELECT count(*) AS payments FROM payment
