-- The books: a row a posting, and an entry all the postings of one event. More than zero is a debit, less a credit.
CREATE TABLE journal (
    event_id uuid NOT NULL,
    line integer NOT NULL CHECK (line > 0),
    account text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor <> 0),
    currency text NOT NULL,
    payment_id uuid REFERENCES payment (id),
    transfer_id uuid,
    at timestamptz NOT NULL,
    PRIMARY KEY (event_id, line)
);

CREATE INDEX journal_of_payment ON journal (payment_id);
-- No transfer is made twice, whoever asks for it.
CREATE UNIQUE INDEX journal_of_transfer ON journal (transfer_id, line) WHERE transfer_id IS NOT NULL;

-- An entry is written by one statement, as a whole: its lines are numbered from 1 without gaps, so nothing can be added
-- to one that is there. No posting is of nothing, so what adds up to zero has two at least. It is looked at where it is
-- written, once a statement; there is no later moment at which it could have become right.
CREATE FUNCTION journal_refuse_unbalanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM written
        GROUP BY event_id
        HAVING sum(amount_minor) <> 0
            OR max(line) <> count(*)
            OR count(DISTINCT currency) > 1
            OR count(DISTINCT payment_id) + count(DISTINCT transfer_id) > 1
            OR count(DISTINCT at) > 1
    ) THEN
        RAISE EXCEPTION 'an entry of the journal is not whole, or does not balance'
            USING ERRCODE = 'check_violation', TABLE = 'journal', CONSTRAINT = 'journal_balanced';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER journal_balanced
AFTER INSERT ON journal
REFERENCING NEW TABLE AS written
FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse_unbalanced();

-- What is wrong in the books is put right by another entry.
CREATE FUNCTION journal_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is only ever added to'
        USING ERRCODE = 'check_violation', TABLE = 'journal', CONSTRAINT = 'journal_append_only';
END
$$;

CREATE TRIGGER journal_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON journal
FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse_change();

-- What was moved before there was a journal is told by the log.
INSERT INTO journal (event_id, line, account, amount_minor, currency, payment_id, at)
SELECT event.event_id, posting.line, posting.account,
       posting.sign * (event.data -> 'amount' ->> 'minor')::bigint, event.data -> 'amount' ->> 'currency',
       (event.data ->> 'payment_id')::uuid, (event.data ->> 'at')::timestamptz
FROM events AS event
JOIN (VALUES
    ('PaymentCaptured', 1, 'gateway_receivable', 1),
    ('PaymentCaptured', 2, 'contract_liabilities', -1),
    ('RefundSucceeded', 1, 'refunds', 1),
    ('RefundSucceeded', 2, 'gateway_receivable', -1)
) AS posting (type, line, account, sign) ON posting.type = event.type
WHERE event.stream_category = 'payment' AND event.schema_version = 1;

-- Accounts that money is kept on. What is on each is what the journal has of it; all who move money lock the row first.
CREATE TABLE account (
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    currency text NOT NULL,
    balance_minor bigint NOT NULL,
    may_be_overdrawn boolean NOT NULL,
    created_at timestamptz NOT NULL,
    -- The entity holds this; the table holds it again, because money is behind it.
    CONSTRAINT account_not_overdrawn CHECK (balance_minor >= 0 OR may_be_overdrawn)
);
