-- Customers. What is personal of them is encrypted, in one piece, because it is read, written and erased in one piece.
-- The hash of the e-mail address is keyed; it finds who has that address, and shows whoever reads the table which rows
-- have the same. Once somebody is erased the row stays without both, so that nothing personal comes back under the id.
CREATE TABLE customer (
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    personal bytea,
    email_hash bytea,
    created_by uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    erased_at timestamptz,
    CONSTRAINT customer_is_known_or_erased CHECK (
        (personal IS NULL) = (erased_at IS NOT NULL) AND (email_hash IS NULL) = (erased_at IS NOT NULL)
    )
);

CREATE INDEX customer_newest ON customer (created_at DESC, id DESC) WHERE erased_at IS NULL;
-- Whoever does not see all customers lists the ones they registered.
CREATE INDEX customer_newest_of_maker ON customer (created_by, created_at DESC, id DESC) WHERE erased_at IS NULL;
CREATE INDEX customer_of_email ON customer (email_hash) WHERE erased_at IS NULL;
