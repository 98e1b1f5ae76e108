-- Whoever does not see all payments lists the ones they made.
CREATE INDEX payment_newest_of_maker ON payment (created_by, created_at DESC, id DESC);
