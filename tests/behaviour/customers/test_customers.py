"""/api/v1/customers."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import Response

from builders.customers import CUSTOMERS, a_customer_body
from builders.shop import Shop
from quayside.core.customers import CustomerChanges
from quayside.core.identity import Role
from quayside.core.kernel import (
    CustomerId,
    Permission,
    PermissionDeniedError,
    Principal,
    Scope,
    ValidationFailedError,
)


async def registered(shop: Shop, **changes: Any) -> dict[str, Any]:
    response = await shop.client.post(CUSTOMERS, json=a_customer_body(**changes))
    assert response.status_code == 201, response.text
    customer: dict[str, Any] = response.json()
    return customer


def path_of(customer: dict[str, Any]) -> str:
    return f"{CUSTOMERS}/{customer['id']}"


def field_errors(response: Response) -> list[tuple[str, str]]:
    assert response.status_code == 400, response.text
    return [(error["field"], error["code"]) for error in response.json()["error"]["field_errors"]]


async def test_a_customer_is_registered_shown_and_listed_as_it_is(shop: Shop) -> None:
    response = await shop.client.post(CUSTOMERS, json=a_customer_body(email="Ada@Example.com"))

    customer = response.json()
    assert (response.status_code, response.headers["Location"]) == (201, path_of(customer))
    assert response.headers["ETag"] == '"1"'
    assert response.headers["Cache-Control"] == "no-store"
    assert customer == {
        "id": customer["id"],
        **a_customer_body(email="Ada@Example.com"),
        "created_by": str(shop.ada.user.id),
        "created_at": "2026-11-20T12:00:00Z",
        "updated_at": "2026-11-20T12:00:00Z",
        "version": 1,
    }
    assert (await shop.client.get(path_of(customer))).json() == customer
    assert (await shop.client.get(CUSTOMERS)).json()["data"] == [customer]


async def test_two_customers_may_have_the_same_address_and_none_a_phone_number(shop: Shop) -> None:
    body = a_customer_body()
    del body["phone_number"]

    first, second = [await shop.client.post(CUSTOMERS, json=body) for _ in range(2)]

    assert first.json()["id"] != second.json()["id"]
    assert second.json()["phone_number"] is None


async def test_everything_wrong_is_told_at_once(shop: Shop) -> None:
    body = a_customer_body(
        email="nobody", first_name="", last_name="R2D2", phone_number=7, date_of_birth="2020-01-01", colour=1
    )

    response = await shop.client.post(CUSTOMERS, json=body)

    assert field_errors(response) == [
        ("email", "invalid_format"),
        ("first_name", "too_short"),
        ("last_name", "invalid_format"),
        ("phone_number", "wrong_type"),
        ("date_of_birth", "out_of_range"),
        ("colour", "unknown_field"),
    ]
    assert "R2D2" not in response.text


async def test_a_key_registers_once_and_goes_on_with_what_a_failure_left(shop: Shop) -> None:
    first, again = [
        await shop.client.post(CUSTOMERS, json=a_customer_body(), headers={"Idempotency-Key": "k"})
        for _ in range(2)
    ]
    other = await shop.client.post(CUSTOMERS, json=a_customer_body(first_name="Grace", idempotency_key="k"))

    assert first.content == again.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert other.json()["error"]["code"] == "idempotency_key_reused"
    assert (await shop.client.get(CUSTOMERS)).json()["total_count"] == 1


async def test_a_change_leaves_out_what_stays_and_takes_the_number_away_by_null(shop: Shop) -> None:
    customer = await registered(shop)
    shop.clock.advance(timedelta(hours=1))

    response = await shop.client.patch(path_of(customer), json={"last_name": "King", "phone_number": None})

    assert response.json() == customer | {
        "last_name": "King",
        "phone_number": None,
        "updated_at": "2026-11-20T13:00:00Z",
        "version": 2,
    }
    assert response.headers["ETag"] == '"2"'
    assert (await shop.client.get(path_of(customer))).json() == response.json()


@pytest.mark.parametrize("said", [None, {}, {"first_name": "Ada", "date_of_birth": "1990-02-28"}])
async def test_what_says_nothing_new_changes_nothing(shop: Shop, said: dict[str, Any] | None) -> None:
    customer = await registered(shop)
    before = await shop.story()

    response = await shop.client.patch(path_of(customer), json=said)

    assert (response.status_code, response.json()) == (200, customer)
    assert await shop.story() == before


async def test_a_change_keeps_the_same_rules(shop: Shop) -> None:
    customer = await registered(shop)

    response = await shop.client.patch(
        path_of(customer),
        json={"email": None, "first_name": None, "last_name": "", "date_of_birth": "2010-01-01", "id": "x"},
    )

    assert field_errors(response) == [
        ("email", "wrong_type"),
        ("first_name", "wrong_type"),
        ("last_name", "too_short"),
        ("date_of_birth", "out_of_range"),
        ("id", "unknown_field"),
    ]


async def test_only_a_phone_number_can_be_taken_away_by_a_program_either(shop: Shop) -> None:
    customer = await registered(shop)
    nothing: Any = None
    changes: CustomerChanges = {"email": nothing, "phone_number": None}
    ada = Principal(shop.ada.user.id, shop.ada.login.session.id, frozenset(), {})

    with pytest.raises(ValidationFailedError) as refused:
        await shop.application.customers.change_customer(ada, CustomerId(UUID(customer["id"])), changes)

    assert [(error.field, error.code) for error in refused.value.field_errors] == [("email", "required")]


async def test_who_knows_another_version_neither_changes_nor_erases(shop: Shop) -> None:
    customer = await registered(shop)
    await shop.client.patch(path_of(customer), json={"last_name": "King"})

    changed = await shop.client.patch(
        path_of(customer), json={"last_name": "Byron"}, headers={"If-Match": '"1"'}
    )
    erased = await shop.client.delete(path_of(customer), headers={"If-Match": '"1"'})

    assert (changed.status_code, erased.status_code) == (412, 412)
    assert (await shop.client.delete(path_of(customer), headers={"If-Match": '"2"'})).status_code == 204


async def test_who_is_erased_is_gone_for_everybody(shop: Shop) -> None:
    customer = await registered(shop)

    erased = await shop.client.delete(path_of(customer))

    admin = await shop.member(Role.ADMIN)
    for client in (shop.client, admin.client):
        assert (await client.get(path_of(customer))).status_code == 404
        assert (await client.patch(path_of(customer), json={})).status_code == 404
        assert (await client.delete(path_of(customer))).status_code == 404
        assert (await client.get(CUSTOMERS)).json()["data"] == []
    assert (erased.status_code, erased.content) == (204, b"")


async def test_events_name_fields_and_never_say_what_stands_in_them(shop: Shop) -> None:
    customer = await registered(shop)
    await shop.client.patch(path_of(customer), json={"last_name": "King", "email": "king@example.com"})
    await shop.client.delete(path_of(customer))

    recorded = await shop.application.storage.events.read_all()
    told = [each.event for each in recorded if each.stream.category == "customer"]

    assert [event.type_name() for event in told] == [
        "CustomerRegistered",
        "CustomerChanged",
        "CustomerErased",
    ]
    assert told[1].fields == ("email", "last_name")  # type: ignore[attr-defined]
    assert not any(word in repr(told) for word in ("Ada", "King", "Lovelace", "example"))


async def test_a_user_sees_their_own_customers_and_staff_all(shop: Shop) -> None:
    customer = await registered(shop)
    stranger, staff = await shop.member(), await shop.member(Role.STAFF)

    assert (await stranger.client.get(path_of(customer))).status_code == 404
    assert (await stranger.client.get(CUSTOMERS)).json()["total_count"] == 0
    assert (await staff.client.get(path_of(customer))).json() == customer
    assert (await staff.client.get(CUSTOMERS)).json()["data"] == [customer]


async def test_who_sees_a_customer_and_may_not_write_is_told_so(shop: Shop) -> None:
    customer = await registered(shop)
    reader = Principal(
        (await shop.member()).user.id,
        shop.ada.login.session.id,
        frozenset(),
        {Permission.CUSTOMERS_READ_ALL: Scope.ANY, Permission.CUSTOMERS_WRITE: Scope.OWN},
    )

    with pytest.raises(PermissionDeniedError):
        await shop.application.customers.erase_customer(reader, CustomerId(UUID(customer["id"])))


async def test_a_list_goes_by_pages_days_and_cursors(shop: Shop) -> None:
    first = await registered(shop)
    shop.clock.advance(timedelta(hours=12))
    second, third = await registered(shop), await registered(shop)

    async def listed(**query: str) -> Any:
        return (await shop.client.get(CUSTOMERS, params=query)).json()

    page = await listed(page_size="2")
    rest = await listed(page_size="2", cursor=page["next_cursor"])

    assert (page["data"], page["total_count"]) == ([third, second], 3)
    assert (rest["data"], rest["total_count"], rest["next_cursor"]) == ([first], None, None)
    assert (await listed(to_date="2026-11-20"))["data"] == [first]
    wrong = await shop.client.get(
        CUSTOMERS, params={"from_date": "2026-11-21", "to_date": "2026-11-20", "page": "0"}
    )
    assert sorted(field_errors(wrong)) == [("page", "out_of_range"), ("to_date", "out_of_order")]
    foreign = await shop.client.get(
        CUSTOMERS, params={"cursor": page["next_cursor"], "to_date": "2026-11-20"}
    )
    assert [name for name, _ in field_errors(foreign)] == ["cursor"]
