-- Views of the log that can be thrown away and built anew.

-- One row a generation: everything that a projection made of the log, once. Its number is never given again, so what a
-- process that had been away writes into one that is gone is nobody's.
CREATE TABLE projection_generation (
    number     bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    projection text    NOT NULL,
    version    integer NOT NULL,
    status     text    NOT NULL
);

CREATE UNIQUE INDEX projection_generation_status ON projection_generation (projection, status)
WHERE status IN ('building', 'live');

-- What projections keep that have no table of their own. Keys are ordered by code point, whatever the database's locale.
CREATE TABLE document (
    generation bigint NOT NULL,
    key        text   COLLATE "C" NOT NULL CHECK (key <> ''),
    body       jsonb  NOT NULL,
    PRIMARY KEY (generation, key)
);
