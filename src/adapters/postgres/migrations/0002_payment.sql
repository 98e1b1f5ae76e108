-- Payments as they stand. The version is the payment's stream's: the log's compare-and-set is the only lock on a row.
CREATE TABLE payment (
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    status text NOT NULL CHECK (status IN ('Pending', 'Processing', 'Completed', 'Failed', 'Cancelled')),
    currency text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    captured_minor bigint NOT NULL,
    refunded_minor bigint NOT NULL,
    customer_id uuid NOT NULL,
    card_id text NOT NULL,
    -- All that may be kept of a card (PCI DSS 4, 3.4.1).
    card_last4 text NOT NULL CHECK (card_last4 ~ '^[0-9]{4}$'),
    card_brand text NOT NULL,
    description text,
    -- json, not jsonb: the caller's object is given back as it came, numbers of any size and the order of keys included.
    metadata json NOT NULL,
    captures_at_once boolean NOT NULL,
    authorization_id text,
    failure_code text,
    failure_message text,
    needs_attention boolean NOT NULL,
    created_by uuid,
    created_at timestamptz NOT NULL,
    processed_at timestamptz,
    -- The entity holds these; the table holds them again, because money is behind them.
    CONSTRAINT payment_captured_within_amount CHECK (captured_minor BETWEEN 0 AND amount_minor),
    CONSTRAINT payment_refunded_within_captured CHECK (refunded_minor BETWEEN 0 AND captured_minor)
);

-- Lists are newest first, ties by id, narrowed by at most one of these as a rule.
CREATE INDEX payment_newest ON payment (created_at DESC, id DESC);
CREATE INDEX payment_newest_of_customer ON payment (customer_id, created_at DESC, id DESC);
CREATE INDEX payment_newest_of_status ON payment (status, created_at DESC, id DESC);
