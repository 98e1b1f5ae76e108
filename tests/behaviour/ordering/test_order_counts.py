"""What is shown of orders elsewhere: how many of a user's are confirmed, and a customer's latest."""

from builders.customers import CUSTOMERS
from builders.members import V1
from builders.order_desk import OrderDesk
from quayside.core.identity import Role


async def test_a_user_is_shown_with_how_many_of_its_orders_are_confirmed(desk: OrderDesk) -> None:
    admin = await desk.shop.member(Role.ADMIN)
    path = desk.shop.ada.path
    before = await desk.ada.get(path)
    confirmed = [await desk.has_confirmed() for _ in range(2)]
    await desk.has_placed()
    await desk.catch_up()

    after = await desk.ada.get(path, headers={"if-none-match": before.headers["etag"]})
    listed = {it["id"]: it["order_count"] for it in (await admin.client.get(f"{V1}/users")).json()["data"]}
    login = await desk.shop.visitor().post(f"{V1}/auth/login", json=desk.shop.ada.credentials)

    assert (before.json()["order_count"], after.json()["order_count"]) == (0, 2)
    assert (before.headers["etag"], after.headers["etag"]) == ('"1"', '"1.2"')
    assert listed == {str(desk.shop.ada.user.id): 2} | dict.fromkeys(
        listed.keys() - {str(desk.shop.ada.user.id)}, 0
    )
    assert login.json()["user"] == (await desk.ada.get(f"{V1}/auth/me")).json() == after.json()

    await desk.step(confirmed[0], "cancel")
    await desk.catch_up()
    assert (await desk.ada.get(path)).json()["order_count"] == 1


async def test_the_tag_of_a_user_with_orders_is_taken_where_it_is_changed(desk: OrderDesk) -> None:
    await desk.has_confirmed()
    await desk.catch_up()
    shown = await desk.ada.get(desk.shop.ada.path)
    change = {"email": "ada@other.example", "current_password": desk.shop.ada.credentials["password"]}

    headers = {"if-match": shown.headers["etag"]}
    first, late = [await desk.ada.patch(desk.shop.ada.path, json=change, headers=headers) for _ in range(2)]

    assert (first.status_code, late.status_code) == (200, 412)
    assert first.json()["order_count"] == 1


async def test_a_customers_summary_has_the_latest_twenty_of_their_orders(desk: OrderDesk) -> None:
    summary = f"{CUSTOMERS}/{desk.customer_id}/summary"
    unbuilt = (await desk.ada.get(summary)).json()
    orders = [await desk.has_placed() for _ in range(21)]
    await desk.catch_up()

    shown = (await desk.ada.get(summary)).json()

    assert (unbuilt["orders"], unbuilt["unavailable"]) == ([], ["orders"])
    assert (shown["orders"], shown["unavailable"]) == (orders[:0:-1], [])
