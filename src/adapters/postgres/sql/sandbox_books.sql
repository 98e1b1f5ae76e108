-- name: load
SELECT version, document FROM sandbox_document WHERE id = %(id)s

-- name: create
INSERT INTO sandbox_document (id, version, document) VALUES (%(id)s, 1, %(document)s)
ON CONFLICT (id) DO NOTHING

-- name: replace
UPDATE sandbox_document SET version = version + 1, document = %(document)s
WHERE id = %(id)s AND version = %(expected_version)s
