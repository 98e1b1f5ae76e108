-- What the sandbox gateway remembers: another company's books, as it were. Nothing of ours refers to them.
CREATE TABLE sandbox_document (
    id text PRIMARY KEY,
    version integer NOT NULL,
    document text NOT NULL
);
