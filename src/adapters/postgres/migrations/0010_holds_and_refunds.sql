-- What the gateway is asked for is recorded with its idempotency key before it is asked, and taken away by the outcome.
ALTER TABLE payment
    ADD COLUMN attempts json NOT NULL DEFAULT '[]',
    ADD COLUMN refusal_code text,
    ADD COLUMN refusal_message text,
    ADD COLUMN ended_by text,
    ADD COLUMN deleted_at timestamptz;

UPDATE payment SET attempts = json_build_array(json_build_object(
    'key', id || CASE status WHEN 'Pending' THEN '/authorize' ELSE '/capture' END,
    'step', CASE status WHEN 'Pending' THEN 'authorize' ELSE 'capture' END,
    'amount', json_build_object('minor', amount_minor, 'currency', currency),
    'at', awaits_since
))
WHERE awaits_since IS NOT NULL;

-- A refund changes together with its payment, whose version is the lock on both.
CREATE TABLE refund (
    id uuid PRIMARY KEY,
    payment_id uuid NOT NULL REFERENCES payment (id),
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency text NOT NULL,
    reason text,
    status text NOT NULL CHECK (status IN ('Pending', 'Succeeded', 'Failed')),
    created_at timestamptz NOT NULL
);

CREATE INDEX refund_newest_of_payment ON refund (payment_id, created_at DESC, id DESC);
-- Payments are searched by the end of the card's number; few of them need a person.
CREATE INDEX payment_newest_of_card ON payment (card_last4, created_at DESC, id DESC);
CREATE INDEX payment_flagged ON payment (created_at DESC, id DESC) WHERE needs_attention;
