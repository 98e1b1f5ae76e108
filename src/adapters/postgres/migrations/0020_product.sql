-- Products as they stand. The version is that of the product's stream: the log's compare-and-set is the only lock on a
-- row. A sku stays with its product for ever.
CREATE TABLE product (
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    sku text NOT NULL CONSTRAINT product_sku UNIQUE,
    name text NOT NULL,
    currency text NOT NULL,
    price_minor bigint NOT NULL CHECK (price_minor > 0),
    discount_percentage numeric NOT NULL CHECK (discount_percentage BETWEEN 0 AND max_discount),
    max_discount numeric NOT NULL CHECK (max_discount <= 100),
    active boolean NOT NULL,
    created_at timestamptz NOT NULL,
    -- The sku and the name as they are searched, folded by us: what lower() makes of a text depends on the locale.
    searched_text text NOT NULL
);

-- Lists are newest first, ties by id.
CREATE INDEX product_newest ON product (created_at DESC, id DESC);
CREATE INDEX product_newest_of_state ON product (active, created_at DESC, id DESC);
