-- Cards that were entered once. The gateway's token stands for each; the number and the cvv are nowhere.
CREATE TABLE card (
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    customer_id uuid NOT NULL,
    token text NOT NULL,
    brand text NOT NULL,
    last4 text NOT NULL CHECK (last4 ~ '^[0-9]{4}$'),
    expiry_month integer NOT NULL CHECK (expiry_month BETWEEN 1 AND 12),
    expiry_year integer NOT NULL,
    created_by uuid,
    created_at timestamptz NOT NULL
);
