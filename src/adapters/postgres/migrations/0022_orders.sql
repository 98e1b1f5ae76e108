-- Orders have no table of their own: their streams are the truth. Here is what is made of those, and what they leave out.

-- The read model, a row an order and generation. What the order is in full stands in one piece, as its events do; beside it
-- stands what lists are narrowed by.
CREATE TABLE order_summary (
    generation bigint NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    status text NOT NULL,
    customer_id uuid NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    state json NOT NULL,
    PRIMARY KEY (generation, id)
);

-- Lists are newest first, ties by id, of one generation, narrowed by at most one of these as a rule.
CREATE INDEX order_summary_newest ON order_summary (generation, created_at DESC, id DESC);
CREATE INDEX order_summary_newest_of_maker ON order_summary (generation, created_by, created_at DESC, id DESC);
CREATE INDEX order_summary_newest_of_customer ON order_summary (generation, customer_id, created_at DESC, id DESC);
CREATE INDEX order_summary_newest_of_status ON order_summary (generation, status, created_at DESC, id DESC);
-- A user is shown with how many of theirs are confirmed.
CREATE INDEX order_summary_confirmed ON order_summary (generation, created_by)
WHERE status IN ('Confirmed', 'Shipped', 'Delivered');

-- What is personal of an order, encrypted field by field. Every order has an address until its customer is erased; nothing
-- is written to a row that has none any more.
CREATE TABLE order_particulars (
    order_id uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    delivery_address bytea,
    cancel_reason bytea,
    ship_reason bytea,
    deliver_reason bytea
);

CREATE INDEX order_particulars_of_customer ON order_particulars (customer_id);
