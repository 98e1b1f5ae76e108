-- name: post
INSERT INTO journal (event_id, line, account, amount_minor, currency, payment_id, transfer_id, at)
SELECT %(event_id)s, posting.line, posting.account, posting.amount_minor, %(currency)s, %(payment_id)s,
       %(transfer_id)s, %(at)s
FROM unnest(%(accounts)s::text[], %(amounts_minor)s::bigint[])
    WITH ORDINALITY AS posting (account, amount_minor, line)

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
