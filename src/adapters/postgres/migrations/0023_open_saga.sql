-- Which sagas are not at their end, made of their streams: what wakes them in time, and what an operator looks at. One that
-- ends has no row any more.
CREATE TABLE open_saga (
    generation bigint NOT NULL,
    category   text NOT NULL,
    id         uuid NOT NULL,
    phase      text NOT NULL,
    step       text,
    attempts   integer NOT NULL,
    started_at timestamptz NOT NULL,
    deadline   timestamptz,
    since      timestamptz NOT NULL,
    due_at     timestamptz,
    attention  text,
    PRIMARY KEY (generation, category, id)
);

-- Looked at several times a second.
CREATE INDEX open_saga_due ON open_saga (generation, due_at) WHERE due_at IS NOT NULL;
