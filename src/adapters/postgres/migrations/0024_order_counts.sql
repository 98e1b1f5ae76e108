-- How many orders of an account are confirmed is counted in the read model of orders; a number beside it could be another.
ALTER TABLE user_account DROP COLUMN order_count;
