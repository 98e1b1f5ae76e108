-- The event log: what happened, in order, for ever.

-- One row a stream. Appending moves its version by compare-and-set, which makes it the one optimistic lock of the
-- aggregate: the second of two writers waits here for the first, and then finds the version gone.
-- The free space in its pages lets each update stay in its page and leave the index alone.
CREATE TABLE streams (
    stream_category text   NOT NULL,
    stream_id       uuid   NOT NULL,
    version         bigint NOT NULL CHECK (version > 0),
    PRIMARY KEY (stream_category, stream_id)
) WITH (fillfactor = 70);

-- Events are only ever inserted. Positions come from a sequence, so writers never wait for each other to draw one; a
-- rolled-back transaction leaves a gap, and a later position may commit first. The sequence hands out one value at a
-- time: a session's private stock of values would put its later events before those of others.
CREATE TABLE events (
    global_position bigint      GENERATED ALWAYS AS IDENTITY (CACHE 1) PRIMARY KEY,
    stream_category text        NOT NULL,
    stream_id       uuid        NOT NULL,
    version         bigint      NOT NULL,
    type            text        NOT NULL,
    schema_version  integer     NOT NULL,
    -- Unique for ever, but without an index: a repeated append is recognised by the ids at its versions.
    event_id        uuid        NOT NULL,
    data            jsonb       NOT NULL,
    occurred_at     timestamptz NOT NULL,
    correlation_id  uuid        NOT NULL,
    causation_id    uuid,
    user_id         uuid,
    traceparent     text,
    -- Reads a stream in order, and refuses a version twice should anything ever write past the compare-and-set.
    UNIQUE (stream_category, stream_id, version)
);
