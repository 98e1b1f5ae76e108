-- An answer that is kept for who asks again may show what is personal of a customer: it is encrypted then, and the row
-- tells whose it is, so that it goes when the customer is erased.
ALTER TABLE idempotency_key ADD COLUMN customer_id uuid;

CREATE INDEX idempotency_key_of_customer ON idempotency_key (customer_id) WHERE customer_id IS NOT NULL;
