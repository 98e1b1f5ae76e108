-- Since when the gateway owes a recorded answer, so that what a crash left open is found without looking at every payment.
ALTER TABLE payment ADD COLUMN awaits_since timestamptz;

UPDATE payment SET awaits_since = created_at
WHERE status = 'Pending' OR (status = 'Processing' AND captures_at_once);

CREATE INDEX payment_open ON payment (awaits_since, id) WHERE awaits_since IS NOT NULL AND NOT needs_attention;
