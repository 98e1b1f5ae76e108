-- What each warehouse has of each SKU. Reserving locks these rows, in the order of SKUs, and changes them in place: the
-- free space in the pages lets each change stay in its page and leave the index alone.
CREATE TABLE stock_level (
    sku       text   NOT NULL,
    warehouse text   NOT NULL,
    on_hand   bigint NOT NULL,
    reserved  bigint NOT NULL DEFAULT 0,
    -- How often reservations have changed it. With the version of the SKU's stream it tells one state from another.
    moves     bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (sku, warehouse),
    -- The statements hold this; the table holds it again, because somebody has paid for what is behind it.
    CONSTRAINT stock_level_not_oversold CHECK (reserved BETWEEN 0 AND on_hand)
) WITH (fillfactor = 70);

-- Stock that is held for somebody. One that was given up before it was made has no warehouse and no lines: it stands in
-- the way of the one that may still come.
CREATE TABLE reservation (
    id         uuid        PRIMARY KEY,
    version    bigint      NOT NULL,
    reference  uuid,
    warehouse  text,
    -- One for each SKU, in their order; never changed, and read only with the reservation.
    skus       text[]      NOT NULL,
    quantities bigint[]    NOT NULL,
    status     text        NOT NULL,
    expires_at timestamptz,
    created_at timestamptz NOT NULL
);

-- Whose time is up is looked for every few seconds.
CREATE INDEX reservation_due ON reservation (expires_at) WHERE status = 'Held' AND expires_at IS NOT NULL;
