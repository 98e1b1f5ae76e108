"""What it costs PostgreSQL to go on with a list: no more at its end than at its beginning."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from builders.payments import NOON
from postgres_databases import delete_all_rows
from quayside.adapters.postgres.queries import named_queries

pytestmark = pytest.mark.embedded  # tens of thousands of rows take a while to write

ROWS = 10_000
LIMIT = 21
MAKER, CUSTOMER = UUID(int=1), UUID(int=2)

_PAYMENTS = """
INSERT INTO payment (
    id, version, status, currency, amount_minor, captured_minor, refunded_minor, customer_id, card_id, card_last4,
    card_brand, metadata, captures_at_once, needs_attention, created_by, created_at
)
SELECT lpad(to_hex(n), 32, '0')::uuid, 1, CASE WHEN n %% 20 = 0 THEN 'Failed' ELSE 'Completed' END, 'GBP', 100, 0, 0,
       CASE WHEN n %% 20 = 0 THEN %(customer)s ELSE gen_random_uuid() END, 'card',
       CASE WHEN n %% 20 = 0 THEN '0002' ELSE '4242' END, 'visa', '{}', true, false,
       CASE WHEN n %% 20 = 0 THEN %(maker)s ELSE gen_random_uuid() END, %(noon)s + n * interval '1 second'
FROM generate_series(1, %(rows)s) AS n
"""
_ACCOUNTS = """
INSERT INTO user_account (
    id, version, username, email, email_verified, password_hash, roles, created_at, updated_at
)
SELECT lpad(to_hex(n), 32, '0')::uuid, 1, 'u' || n, n || '@example.com', false, 'hash', '{User}',
       %(noon)s + n * interval '1 second', %(noon)s
FROM generate_series(1, %(rows)s) AS n
"""
_PRODUCTS = """
INSERT INTO product (
    id, version, sku, name, currency, price_minor, discount_percentage, max_discount, active, created_at, searched_text
)
SELECT lpad(to_hex(n), 32, '0')::uuid, 1, 'sku-' || n, 'A name', 'GBP', 100, 0, 100, n %% 20 <> 0,
       %(noon)s + n * interval '1 second', ''
FROM generate_series(1, %(rows)s) AS n
"""
_CUSTOMERS = """
INSERT INTO customer (id, version, personal, email_hash, created_by, created_at, updated_at)
SELECT lpad(to_hex(n), 32, '0')::uuid, 1, 'sealed', 'hash',
       CASE WHEN n %% 20 = 0 THEN %(maker)s ELSE gen_random_uuid() END, %(noon)s + n * interval '1 second', %(noon)s
FROM generate_series(1, %(rows)s) AS n
"""

_ORDERS = """
WITH live AS (
    INSERT INTO projection_generation (projection, version, status) VALUES ('order-summaries', 1, 'live')
    RETURNING number
)
INSERT INTO order_summary (generation, id, version, status, customer_id, created_by, created_at, state)
SELECT number, lpad(to_hex(n), 32, '0')::uuid, 1, CASE WHEN n %% 20 = 0 THEN 'Shipped' ELSE 'Pending' END,
       CASE WHEN n %% 20 = 0 THEN %(customer)s ELSE gen_random_uuid() END,
       CASE WHEN n %% 20 = 0 THEN %(maker)s ELSE gen_random_uuid() END, %(noon)s + n * interval '1 second', '{}'
FROM live, generate_series(1, %(rows)s) AS n
"""


@pytest.fixture(scope="module")
def connection(embedded_database: str) -> Iterator[psycopg.Connection]:
    """To a database with many payments, accounts, products, customers and orders."""
    delete_all_rows(embedded_database)
    facts = {"rows": ROWS, "noon": NOON, "customer": CUSTOMER, "maker": MAKER}
    with psycopg.connect(embedded_database, autocommit=True) as connection:
        connection.execute(_PAYMENTS, facts)
        connection.execute(_ACCOUNTS, facts)
        connection.execute(_PRODUCTS, facts)
        connection.execute(_CUSTOMERS, facts)
        connection.execute(_ORDERS, facts)
        connection.execute("VACUUM ANALYZE payment, user_account, product, customer, order_summary")
        yield connection
    delete_all_rows(embedded_database, is_shown=False)  # many, and of nobody


def scan(connection: psycopg.Connection, table: str, after: int, **narrowing: object) -> dict[str, Any]:
    """The node of the plan that reads *table* to go on after its *after*-th oldest row."""
    parameters: dict[str, object] = dict.fromkeys(
        (
            "status",
            "customer_id",
            "customer_ids",
            "created_by",
            "card_last4",
            "needs_attention",
            "created_from",
            "created_before",
            "active",
            "search",
        )
    )
    parameters |= narrowing | {"projection": "order-summaries"}
    place = connection.execute(
        "SELECT created_at, id FROM payment ORDER BY created_at, id OFFSET %s LIMIT 1", (after,)
    ).fetchone()
    assert place is not None
    parameters |= {"after_created_at": place[0], "after_id": place[1], "limit": LIMIT}
    query = b"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + named_queries(table)["list_after"]
    row = connection.execute(query, parameters).fetchone()
    assert row is not None
    node: dict[str, Any] = row[0][0]["Plan"]
    while node["Node Type"] != "Limit":
        node = node["Plans"][-1]  # what is read for each of those that come before
    beneath: dict[str, Any] = node["Plans"][0]
    return beneath


@pytest.mark.parametrize(
    ("table", "narrowing", "index"),
    [
        ("users", {}, "user_account_newest"),
        ("products", {}, "product_newest"),
        ("products", {"active": False}, "product_newest_of_state"),
        ("customers", {}, "customer_newest"),
        ("customers", {"created_by": MAKER}, "customer_newest_of_maker"),
        ("payments", {}, "payment_newest"),
        ("payments", {"created_by": MAKER}, "payment_newest_of_maker"),
        ("payments", {"customer_id": CUSTOMER}, "payment_newest_of_customer"),
        ("payments", {"status": "Failed"}, "payment_newest_of_status"),
        ("payments", {"card_last4": "0002"}, "payment_newest_of_card"),
        ("order_summaries", {}, "order_summary_newest"),
        ("order_summaries", {"created_by": MAKER}, "order_summary_newest_of_maker"),
        ("order_summaries", {"customer_id": CUSTOMER}, "order_summary_newest_of_customer"),
        ("order_summaries", {"status": "Shipped"}, "order_summary_newest_of_status"),
    ],
)
def test_going_on_reads_the_rows_it_shows_and_no_others(
    connection: psycopg.Connection, table: str, narrowing: dict[str, object], index: str
) -> None:
    near, far = (scan(connection, table, after, **narrowing) for after in (ROWS - 50, ROWS // 5))

    assert near["Index Name"] == far["Index Name"] == index
    for node in (near, far):
        assert node["Node Type"] == "Index Scan"
        assert node["Actual Rows"] == LIMIT
        assert node.get("Rows Removed by Filter", 0) == 0
        assert node["Shared Hit Blocks"] + node["Shared Read Blocks"] <= 2 * LIMIT
