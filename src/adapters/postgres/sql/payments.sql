-- name: get
SELECT id, version, status, currency, amount_minor, captured_minor, refunded_minor, customer_id, card_id, card_last4,
       card_brand, description, metadata::text AS metadata, captures_at_once, authorization_id, failure_code,
       failure_message, needs_attention, created_by, created_at, processed_at, attempts::text AS attempts,
       refusal_code, refusal_message, ended_by, deleted_at
FROM payment
WHERE id = %(id)s AND deleted_at IS NULL

-- name: of_ids
SELECT id, version, status, currency, amount_minor, captured_minor, refunded_minor, customer_id, card_id, card_last4,
       card_brand, description, metadata::text AS metadata, captures_at_once, authorization_id, failure_code,
       failure_message, needs_attention, created_by, created_at, processed_at, attempts::text AS attempts,
       refusal_code, refusal_message, ended_by, deleted_at
FROM payment
WHERE id = ANY (%(ids)s) AND deleted_at IS NULL

-- name: add
-- Beside the append of a payment's first events.
kept AS (
    INSERT INTO payment (
        id, version, status, currency, amount_minor, captured_minor, refunded_minor, customer_id, card_id, card_last4,
        card_brand, description, metadata, captures_at_once, authorization_id, failure_code,
        failure_message, needs_attention, created_by, created_at, awaits_since, processed_at, attempts,
        refusal_code, refusal_message, ended_by, deleted_at
    )
    SELECT
        %(id)s, stream.version, %(status)s, %(currency)s, %(amount_minor)s, %(captured_minor)s, %(refunded_minor)s,
        %(customer_id)s, %(card_id)s, %(card_last4)s, %(card_brand)s, %(description)s, %(metadata)s, %(captures_at_once)s,
        %(authorization_id)s, %(failure_code)s, %(failure_message)s, %(needs_attention)s, %(created_by)s, %(created_at)s,
        %(awaits_since)s, %(processed_at)s, %(attempts)s,
        %(refusal_code)s, %(refusal_message)s, %(ended_by)s, %(deleted_at)s
    FROM stream
)

-- name: change
-- Beside the append of what happened to it since: what was asked for stays as it is.
kept AS (
    UPDATE payment SET
        version = stream.version,
        status = %(status)s,
        captured_minor = %(captured_minor)s,
        refunded_minor = %(refunded_minor)s,
        authorization_id = %(authorization_id)s,
        failure_code = %(failure_code)s,
        failure_message = %(failure_message)s,
        needs_attention = %(needs_attention)s,
        awaits_since = %(awaits_since)s,
        processed_at = %(processed_at)s,
        attempts = %(attempts)s,
        refusal_code = %(refusal_code)s,
        refusal_message = %(refusal_message)s,
        ended_by = %(ended_by)s,
        deleted_at = %(deleted_at)s
    FROM stream
    WHERE payment.id = %(id)s
)

-- name: list
-- One row at least, so that the count arrives with a page past the end, too: its payment columns are null then.
WITH wanted AS NOT MATERIALIZED (
    SELECT *
    FROM payment
    WHERE deleted_at IS NULL
      AND (%(status)s::text IS NULL OR status = %(status)s)
      AND (%(customer_id)s::uuid IS NULL OR customer_id = %(customer_id)s)
      AND (%(customer_ids)s::uuid[] IS NULL OR customer_id = ANY (%(customer_ids)s))
      AND (%(created_by)s::uuid IS NULL OR created_by = %(created_by)s)
      AND (%(card_last4)s::text IS NULL OR card_last4 = %(card_last4)s)
      AND (%(needs_attention)s::boolean IS NULL OR needs_attention = %(needs_attention)s)
      AND (%(created_from)s::timestamptz IS NULL OR created_at >= %(created_from)s)
      AND (%(created_before)s::timestamptz IS NULL OR created_at < %(created_before)s)
)
SELECT counted.total_count, page.*
FROM (SELECT count(*) AS total_count FROM wanted) AS counted
LEFT JOIN LATERAL (
    SELECT id, version, status, currency, amount_minor, captured_minor, refunded_minor, customer_id, card_id, card_last4,
           card_brand, description, metadata::text AS metadata, captures_at_once, authorization_id, failure_code,
           failure_message, needs_attention, created_by, created_at, processed_at, attempts::text AS attempts,
       refusal_code, refusal_message, ended_by, deleted_at
    FROM wanted
    ORDER BY created_at DESC, id DESC
    LIMIT %(limit)s OFFSET %(offset)s
) AS page ON true
ORDER BY page.created_at DESC, page.id DESC

-- name: list_after
-- The comparison of rows is where the scan of an index begins: what stands before is never touched.
SELECT id, version, status, currency, amount_minor, captured_minor, refunded_minor, customer_id, card_id, card_last4,
       card_brand, description, metadata::text AS metadata, captures_at_once, authorization_id, failure_code,
       failure_message, needs_attention, created_by, created_at, processed_at, attempts::text AS attempts,
       refusal_code, refusal_message, ended_by, deleted_at
FROM payment
WHERE (created_at, id) < (%(after_created_at)s, %(after_id)s)
  AND deleted_at IS NULL
  AND (%(status)s::text IS NULL OR status = %(status)s)
  AND (%(customer_id)s::uuid IS NULL OR customer_id = %(customer_id)s)
  AND (%(customer_ids)s::uuid[] IS NULL OR customer_id = ANY (%(customer_ids)s))
  AND (%(created_by)s::uuid IS NULL OR created_by = %(created_by)s)
  AND (%(card_last4)s::text IS NULL OR card_last4 = %(card_last4)s)
  AND (%(needs_attention)s::boolean IS NULL OR needs_attention = %(needs_attention)s)
  AND (%(created_from)s::timestamptz IS NULL OR created_at >= %(created_from)s)
  AND (%(created_before)s::timestamptz IS NULL OR created_at < %(created_before)s)
ORDER BY created_at DESC, id DESC
LIMIT %(limit)s

-- name: totals
SELECT currency, sum(captured_minor - refunded_minor)::bigint AS minor
FROM payment
WHERE status = 'Completed'
  AND deleted_at IS NULL
  AND (%(status)s::text IS NULL OR status = %(status)s)
  AND (%(customer_id)s::uuid IS NULL OR customer_id = %(customer_id)s)
  AND (%(customer_ids)s::uuid[] IS NULL OR customer_id = ANY (%(customer_ids)s))
  AND (%(created_by)s::uuid IS NULL OR created_by = %(created_by)s)
  AND (%(card_last4)s::text IS NULL OR card_last4 = %(card_last4)s)
  AND (%(needs_attention)s::boolean IS NULL OR needs_attention = %(needs_attention)s)
  AND (%(created_from)s::timestamptz IS NULL OR created_at >= %(created_from)s)
  AND (%(created_before)s::timestamptz IS NULL OR created_at < %(created_before)s)
GROUP BY currency
HAVING sum(captured_minor - refunded_minor) <> 0
ORDER BY currency COLLATE "C"

-- name: totals_by_status
SELECT currency, status, count(*), sum(amount_minor)::bigint AS amount_minor,
       sum(captured_minor)::bigint AS captured_minor, sum(refunded_minor)::bigint AS refunded_minor
FROM payment
WHERE deleted_at IS NULL
  AND (%(status)s::text IS NULL OR status = %(status)s)
  AND (%(customer_id)s::uuid IS NULL OR customer_id = %(customer_id)s)
  AND (%(customer_ids)s::uuid[] IS NULL OR customer_id = ANY (%(customer_ids)s))
  AND (%(created_by)s::uuid IS NULL OR created_by = %(created_by)s)
  AND (%(card_last4)s::text IS NULL OR card_last4 = %(card_last4)s)
  AND (%(needs_attention)s::boolean IS NULL OR needs_attention = %(needs_attention)s)
  AND (%(created_from)s::timestamptz IS NULL OR created_at >= %(created_from)s)
  AND (%(created_before)s::timestamptz IS NULL OR created_at < %(created_before)s)
GROUP BY currency, status
ORDER BY currency COLLATE "C", array_position(%(statuses)s::text[], status)

-- name: backlog
SELECT count(*) AS unsettled, min(awaits_since) AS since,
       (SELECT count(*) FROM payment WHERE needs_attention) AS flagged
FROM payment
WHERE awaits_since IS NOT NULL AND NOT needs_attention

-- name: open_since
SELECT id, awaits_since
FROM payment
WHERE awaits_since < %(before)s AND (awaits_since, id) > (%(after_since)s, %(after_id)s)
  AND NOT needs_attention AND deleted_at IS NULL
ORDER BY awaits_since, id
LIMIT %(limit)s
