-- How often something happened lately. Unlogged: nothing waits for the disk, and after a crash, or on the standby that
-- takes over, every count begins anew, which harms nobody.
-- The free space in its pages lets each count stay in its page and leave the indexes alone.
CREATE UNLOGGED TABLE rate_counter (
    -- The limit's name, and a hash of whom or what it counts.
    id        text        PRIMARY KEY,
    tries     bigint      NOT NULL,
    length_s  integer     NOT NULL,
    ends_at   timestamptz NOT NULL
) WITH (fillfactor = 70);

-- Finds the counters that are long over.
CREATE INDEX rate_counter_ends_at ON rate_counter (ends_at);
