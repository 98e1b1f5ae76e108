-- Who a payment's card belongs to, encrypted field by field: apart from the payment, because what reads payments needs it
-- in no list, and to erase it must not touch what has to stay. Neither field has an index: nobody can search for what is encrypted.
CREATE TABLE payment_cardholder (
    payment_id uuid PRIMARY KEY REFERENCES payment (id),
    name bytea,
    address bytea
);
