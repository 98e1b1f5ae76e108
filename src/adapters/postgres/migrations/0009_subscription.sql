-- Who reacts to the log, and how far each is.

-- One row a subscription. The fencing token grows whenever the lease changes hands: whoever moves the position has to
-- name it. The free space in its pages lets each update stay in its page.
CREATE TABLE subscription (
    name          text        PRIMARY KEY,
    position      bigint      NOT NULL DEFAULT 0,
    is_paused     boolean     NOT NULL DEFAULT false,
    fencing_token bigint      NOT NULL DEFAULT 0,
    holder        text,
    leased_until  timestamptz
) WITH (fillfactor = 50);

-- Events that a subscription could not handle, and those that wait behind them in their streams.
CREATE TABLE deferred_event (
    subscription    text        NOT NULL,
    position        bigint      NOT NULL,
    stream_category text        NOT NULL,
    stream_id       uuid        NOT NULL,
    failures        integer     NOT NULL,
    error           text,
    due_at          timestamptz,
    parked_at       timestamptz,
    PRIMARY KEY (subscription, position)
);

-- Finds the first of each stream.
CREATE INDEX deferred_event_stream ON deferred_event (subscription, stream_category, stream_id, position);
