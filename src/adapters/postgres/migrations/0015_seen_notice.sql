-- Which notices of the gateway were dealt with: it sends each at least once. Forgotten when it surely sends it no more.
CREATE TABLE seen_notice (
    id      text        PRIMARY KEY,
    seen_at timestamptz NOT NULL
);

-- Finds those that are to be forgotten.
CREATE INDEX seen_notice_seen_at ON seen_notice (seen_at);
