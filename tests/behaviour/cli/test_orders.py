"""`quayside orders`: files of orders, of which each row is placed once, and what there is of orders."""

import asyncio
import csv
import json
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from click.testing import CliRunner, Result

from builders.order_desk import AN_ADDRESS, OrderDesk, an_order_desk
from builders.shop import Shop, a_card_body, an_application
from quayside.core.catalogue import ProductRequest
from quayside.core.customers import CustomerRequest
from quayside.core.identity import Registration, SessionId, principal_of
from quayside.core.kernel import Secret, UnavailableError
from quayside.entrypoints.cli.import_orders import FORM, OrderImport
from quayside.entrypoints.cli.importing import ImportSummary
from quayside.entrypoints.cli.main import quayside
from quayside.entrypoints.composition import Application
from quayside.entrypoints.settings import load_settings


@pytest.fixture
async def desk(shop: Shop) -> OrderDesk:
    return await an_order_desk(shop)


def written(path: Path, *rows: object) -> Path:
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows), "utf-8")
    return path


def tabled(path: Path, *rows: dict[str, Any]) -> Path:
    """*rows* as a table."""

    def cell(row: Any, column: str) -> object:
        for name in column.split("."):
            row = row.get(name, "") if isinstance(row, dict) else ""
        return json.dumps(row) if isinstance(row, list) else row

    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([FORM.columns, *([cell(row, it) for it in FORM.columns] for row in rows)])
    return path


async def imported(desk: OrderDesk, file: Path, application: Application | None = None) -> ImportSummary:
    user = desk.shop.ada.user
    principal = principal_of(user, SessionId(desk.shop.application.new_id()))
    application = application or desk.shop.application
    placing = OrderImport(application, file.name, user.id, principal=principal)
    return await placing(file, file.with_suffix(".results"))


def results(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.with_suffix(".results").read_text("utf-8").splitlines()]


async def placed(desk: OrderDesk) -> int:
    return (await desk.shop.story()).count("OrderPlaced")


async def test_each_row_is_placed_and_has_its_result(desk: OrderDesk, tmp_path: Path) -> None:
    unknown = desk.body(items=[{"sku": "NOTHING", "quantity": 1}])
    file = written(
        tmp_path / "may.jsonl",
        desk.body(),
        desk.body(items=[]),
        unknown,
        "{",
        desk.body(discount_percentage=5),
    )

    summary = await imported(desk, file)

    assert (summary.rows, summary.taken, summary.refused, summary.open) == (5, 1, 4, 0)
    assert [each["status"] for each in results(file)] == [202, 400, 422, 400, 403]
    order = results(file)[0]["order"]
    shown = await desk.shown(order)
    assert order == shown | {"delivery_address": None}
    assert shown["delivery_address"] is not None


async def test_a_table_says_the_same_as_lines_of_json(desk: OrderDesk, tmp_path: Path) -> None:
    rows = (
        desk.body(payment={"paying_card_details": a_card_body()}),
        desk.body(items=[{"sku": "CUP", "quantity": 3}, {"sku": "TEAPOT", "quantity": 1}]),
        desk.body() | {"delivery_address": {"city": "London"}},
    )
    by_table, by_lines = tabled(tmp_path / "a.csv", *rows), written(tmp_path / "b.jsonl", *rows)

    for file in (by_table, by_lines):
        await imported(desk, file)

    first, second = (
        [{**row, "order": {**row.get("order", {}), "id": ""}, "fingerprint": ""} for row in results(file)]
        for file in (by_table, by_lines)
    )
    assert first == second
    assert [row["status"] for row in first] == [202, 202, 400]


async def test_the_same_again_places_nothing_twice_though_prices_have_changed(
    desk: OrderDesk, tmp_path: Path
) -> None:
    card = {"paying_card_details": a_card_body()}
    file = written(tmp_path / "may.jsonl", desk.body(), desk.body(payment=card, idempotency_key="k"))
    await imported(desk, file)
    before = results(file)
    await desk.staff.patch("/api/v1/products/TEAPOT", json={"price": "99.00"})

    again = await imported(desk, file)
    file.with_suffix(".results").unlink()
    anew = await imported(desk, file)

    assert [(it.taken, it.before) for it in (again, anew)] == [
        (2, 2),
        (2, 0),
    ]  # at noon, where no time passes
    assert results(file) == before
    assert await placed(desk) == 2


async def test_a_row_of_the_same_key_or_name_and_number_is_no_other_order(
    desk: OrderDesk, tmp_path: Path
) -> None:
    file = written(tmp_path / "may.jsonl", desk.body(), desk.body(idempotency_key="k"))
    await imported(desk, file)
    other = [{"sku": "CUP", "quantity": 1}]
    written(file, desk.body(items=other), desk.body(items=other, idempotency_key="k"))

    changed = await imported(desk, file)

    assert (changed.taken, changed.refused) == (0, 2)
    assert {row["error"]["code"] for row in results(file)} == {"idempotency_key_reused"}
    assert await placed(desk) == 2


async def test_where_the_database_is_away_it_stops_and_keeps_what_was_done(
    desk: OrderDesk, tmp_path: Path
) -> None:
    file = written(tmp_path / "may.jsonl", *[desk.body()] * 20)
    orders = desk.shop.application.orders
    begun = 0

    def begin() -> Any:
        nonlocal begun
        begun += 1
        if begun > 25:
            raise UnavailableError("The database cannot answer now.")
        return orders.place_order.begin()

    failing = evolve(orders, place_order=evolve(orders.place_order, begin=begin))
    with pytest.raises(UnavailableError):
        await imported(desk, file, evolve(desk.shop.application, orders=failing))
    done = len(results(file))

    again = await imported(desk, file)

    assert 0 < done < 20
    assert (again.rows, again.taken, await placed(desk)) == (20, 20, 20)


A_CUSTOMER = CustomerRequest(
    email="ada@example.com",
    first_name="Ada",
    last_name="Lovelace",
    date_of_birth="1990-02-28",
)
A_TEAPOT = ProductRequest(sku="TEAPOT", name="A teapot", price="19.99", currency="GBP")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(quayside, ["orders", *arguments], catch_exceptions=False)


@pytest.fixture
def row(shared_database: None) -> dict[str, Any]:
    """What Ada may order, in a database that commands share."""

    async def stock_up() -> dict[str, Any]:
        async with an_application(load_settings().settings) as application:
            ada = Registration("Ada", "ada@shop.example", Secret("Analytical Engine 1843"))
            user = await application.identity.register_user(ada)
            customer = await application.customers.register_customer(A_CUSTOMER, created_by=user.id)
            await application.catalogue.add_product(A_TEAPOT)
        return {
            "customer_id": str(customer.id),
            "items": [{"sku": "TEAPOT", "quantity": 2}],
            "delivery_address": AN_ADDRESS,
            "payment": {"paying_card_details": a_card_body()},
        }

    return asyncio.run(stock_up())


def test_orders_are_imported_listed_and_shown(row: dict[str, Any], tmp_path: Path) -> None:
    written(tmp_path / "may.jsonl", row, row | {"items": []})

    summary = run("import", "may.jsonl", "--as", "ada", "--json")
    unbuilt = run("list")
    CliRunner().invoke(quayside, ["projections", "rebuild", "order-summaries"], catch_exceptions=False)
    listed = run("list", "--status", "Pending", "--json")
    table = run("list")

    assert (summary.exit_code, unbuilt.exit_code, table.exit_code) == (1, 3, 0)
    assert json.loads(summary.stdout)["taken"] == 1
    [order] = json.loads(listed.stdout)["data"]
    assert order["delivery_address"]["city"] == "London"
    assert json.loads(run("show", order["id"], "--json").stdout) == order
    assert order["id"] in table.stdout
    assert "45.97 GBP" in table.stdout
    assert "London" in run("show", order["id"]).stdout


def test_what_is_asked_wrongly_or_for_nothing_is_told(shared_database: None, tmp_path: Path) -> None:
    (tmp_path / "may.csv").write_text("customer_id,colour\n", "utf-8")

    misread = run("list", "--status", "Lost", "--customer-id", "7")
    nowhere = run("show", "01900000-0000-7000-8000-000000000404")

    assert misread.exit_code == 2
    assert all(name in misread.stderr for name in ("status", "customer_id"))
    assert (nowhere.exit_code, "not_found" in nowhere.stderr) == (1, True)
    assert run("import", "may.csv").exit_code == 2  # nobody orders
    assert run("import", "may.csv", "--as", "nobody").exit_code == 1
