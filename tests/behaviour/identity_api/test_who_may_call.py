"""
Who may call what: every operation of the API for every role, on what is one's own and on what is another's.

The operations come from the API's own description, so one that is new and has no row here fails.
"""

from collections.abc import Awaitable, Callable, Mapping
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from attrs import field, frozen
from httpx import AsyncClient

from builders.customers import CUSTOMERS, a_customer_body
from builders.described import description
from builders.members import PASSWORD, Member
from builders.order_desk import an_order_desk, order_desk_of
from builders.shop import A_SKU, PAYMENTS, Shop, a_payment_body
from quayside.core.identity import Role, grants_of
from quayside.core.kernel import Permission

Statuses = tuple[int, int, int, int]
"""What anonymous, User, Staff and Admin are answered."""

Caller = tuple[Member, AsyncClient]
"""Somebody, and by what they call: nobody knows who is anonymous, though they own something, too."""

ROLES: tuple[Role | None, ...] = (None, Role.USER, Role.STAFF, Role.ADMIN)

OK: Statuses = (200, 200, 200, 200)
LOGGED_IN: Statuses = (401, 200, 200, 200)
NOT_FOUND: Statuses = (401, 404, 404, 404)

# By operation: on one's own, or on nothing in particular; on what is another's.
TABLE: Mapping[str, tuple[Statuses, Statuses | None]] = {
    "register_user": ((201, 201, 201, 201), None),
    "log_in": (OK, None),
    "issue_access_token": (LOGGED_IN, None),
    "log_out": ((401, 204, 204, 204), None),
    "show_caller": (LOGGED_IN, None),
    "list_sessions": (LOGGED_IN, None),
    "end_session": ((401, 204, 204, 204), NOT_FOUND),
    "end_other_sessions": ((401, 204, 204, 204), None),
    "request_email_verification": ((401, 202, 202, 202), None),
    "verify_email": ((400, 400, 400, 400), None),  # anyone may try: the token is the permission
    "request_password_reset": ((202, 202, 202, 202), None),
    "reset_password": ((400, 400, 400, 400), None),
    "measure_password": (OK, None),
    "show_availability": (OK, None),
    "show_user": (LOGGED_IN, (401, 404, 404, 200)),
    "list_users": ((401, 403, 403, 200), None),
    "change_user": (LOGGED_IN, (401, 404, 404, 200)),
    "delete_user": ((401, 204, 204, 204), (401, 404, 404, 204)),
    "change_password": ((401, 204, 204, 204), (401, 404, 404, 403)),
    "set_roles": ((401, 403, 403, 200), (401, 403, 403, 200)),
    "create_customer": ((401, 201, 201, 201), None),
    "show_customer": (LOGGED_IN, (401, 404, 200, 200)),
    "show_customer_summary": (LOGGED_IN, (401, 404, 200, 200)),
    "list_customers": (LOGGED_IN, None),
    "change_customer": (LOGGED_IN, (401, 404, 200, 200)),
    "erase_customer": ((401, 204, 204, 204), (401, 404, 204, 204)),
    "register_card": ((401, 201, 201, 201), None),
    "create_payment": ((401, 201, 201, 201), None),
    "create_payments": ((401, 207, 207, 207), None),
    "show_payment": (LOGGED_IN, (401, 404, 200, 200)),
    "list_payments": (LOGGED_IN, None),
    "search_payments": (LOGGED_IN, None),
    "report_payments": ((401, 403, 200, 200), None),
    "total_payments": (LOGGED_IN, LOGGED_IN),  # of whom one does not see: nothing
    "capture_payment": ((401, 403, 200, 200), (401, 403, 200, 200)),
    "cancel_payment": (LOGGED_IN, (401, 404, 200, 200)),
    "refund_payment": ((401, 403, 201, 201), (401, 403, 201, 201)),
    "list_refunds": (LOGGED_IN, (401, 404, 200, 200)),
    "delete_payment": ((401, 403, 403, 204), (401, 403, 403, 204)),
    "add_product": ((401, 403, 201, 201), None),
    "show_product": (LOGGED_IN, LOGGED_IN),
    "list_products": (LOGGED_IN, None),
    "change_product": ((401, 403, 200, 200), (401, 403, 200, 200)),
    "adjust_stock": ((401, 403, 200, 200), (401, 403, 200, 200)),
    "show_stock": ((401, 403, 200, 200), (401, 403, 200, 200)),
    "place_order": ((401, 202, 202, 202), None),
    "quote_order": (LOGGED_IN, None),
    "show_order": (LOGGED_IN, (401, 404, 200, 200)),
    "tell_history": (LOGGED_IN, (401, 404, 200, 200)),
    "list_orders": (LOGGED_IN, None),
    "cancel_order": (LOGGED_IN, (401, 404, 200, 200)),
    "ship_order": ((401, 403, 200, 200), (401, 403, 200, 200)),
    "deliver_order": ((401, 403, 200, 200), (401, 403, 200, 200)),
    "show_keys": (OK, None),
    "receive_stripe_event": ((400, 400, 400, 400), None),  # anyone may try: the signature is the permission
    "show_liveness": (OK, None),
    "show_readiness": (OK, None),
    "show_health": (OK, None),
    "show_metrics": (OK, None),
    "show_problem": (OK, OK),
}


@frozen
class Api:
    """The operations of the API by their ids, and examples of what they take."""

    document: Mapping[str, Any]
    operations: Mapping[str, tuple[str, str, Mapping[str, Any]]] = field(init=False)

    @operations.default
    def _by_id(self) -> Mapping[str, tuple[str, str, Mapping[str, Any]]]:
        return {
            operation["operationId"]: (method.upper(), path, operation)
            for path, item in self.document["paths"].items()
            for method, operation in item.items()
        }

    def example(self, operation: Mapping[str, Any]) -> Any:
        """A body made of the examples of its required fields; None where none is taken."""
        if "requestBody" not in operation:
            return None
        return self._example_of(operation["requestBody"]["content"]["application/json"]["schema"])

    def _example_of(self, schema: Mapping[str, Any]) -> Any:
        if "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        if "properties" in schema:
            return {name: self._example_of(schema["properties"][name]) for name in schema["required"]}
        if "examples" not in schema and "items" in schema:
            return [self._example_of(schema["items"])]
        return schema["examples"][0]


@pytest.fixture(scope="module")
def api() -> Api:
    return Api(description())


_serial = count(1)


def _new_name() -> dict[str, str]:
    number = next(_serial)
    return {"username": f"newcomer_{number}", "email": f"newcomer_{number}@example.com"}


# What stands in a body instead of its example, because it has to fit to who calls.
FITTING: Mapping[str, Callable[[Member], dict[str, Any]]] = {
    "register_user": lambda _: _new_name(),
    "log_in": lambda caller: caller.credentials,
    "change_user": lambda _: {"email": _new_name()["email"], "current_password": PASSWORD},
    "change_password": lambda _: {"current_password": PASSWORD},
    "create_payment": lambda _: a_payment_body(),
    "add_product": lambda _: {"sku": f"sku-{next(_serial)}"},
    "create_payments": lambda _: {"payments": [a_payment_body()]},
}


async def _payment_of(_: Shop, owner: Member) -> str:
    response = await owner.client.post(PAYMENTS, json=a_payment_body())
    payment_id: str = response.json()["id"]
    return payment_id


async def _hold_of(_: Shop, owner: Member) -> str:
    response = await owner.client.post(PAYMENTS, json=a_payment_body(capture=False))
    payment_id: str = response.json()["id"]
    return payment_id


async def _customer_of(_: Shop, owner: Member) -> str:
    response = await owner.client.post(CUSTOMERS, json=a_customer_body())
    customer_id: str = response.json()["id"]
    return customer_id


async def _order_of(shop: Shop, owner: Member) -> str:
    order_id: str = (await (await order_desk_of(shop, owner.client)).has_placed())["id"]
    return order_id


async def _confirmed_order_of(shop: Shop, owner: Member) -> str:
    order_id: str = (await (await order_desk_of(shop, owner.client)).has_confirmed())["id"]
    return order_id


async def _shipped_order_of(shop: Shop, owner: Member) -> str:
    desk = await order_desk_of(shop, owner.client)
    order = await desk.has_confirmed()
    await desk.step(order, "ship")
    order_id: str = order["id"]
    return order_id


async def _user_id_of(_: Shop, owner: Member) -> str:
    return str(owner.user.id)


async def _session_of(_: Shop, owner: Member) -> str:
    return str(owner.login.session.id)


async def _sku_of_a_product(_: Shop, __: Member) -> str:
    return A_SKU


async def _a_warehouse(_: Shop, __: Member) -> str:
    return "main"


async def _code_of_a_problem(_: Shop, __: Member) -> str:
    return "not_found"


# What a path parameter stands for, as something of somebody's.
THING: Mapping[str, Callable[[Shop, Member], Awaitable[str]]] = {
    "{payment_id}": _payment_of,
    "{user_id}": _user_id_of,
    "{session_id}": _session_of,
    "{customer_id}": _customer_of,
    "{order_id}": _order_of,
    "{sku}": _sku_of_a_product,
    "{warehouse}": _a_warehouse,
    "{code}": _code_of_a_problem,
}


# What stands for it where it must be in a certain state.
STATED: Mapping[str, Callable[[Shop, Member], Awaitable[str]]] = {
    "capture_payment": _hold_of,
    "cancel_payment": _hold_of,
    "ship_order": _confirmed_order_of,
    "deliver_order": _shipped_order_of,
}

QUERIES: Mapping[str, Mapping[str, str]] = {
    "show_availability": {"username": "somebody"},
    "search_payments": {"card_last4": "4242"},
}


async def call(shop: Shop, api: Api, operation_id: str, caller: Caller, owner: Member) -> int:
    """Call the operation on what is *owner*'s, and give the status."""
    method, path, operation = api.operations[operation_id]
    member, client = caller
    for parameter, thing_of in THING.items():
        if parameter in path:
            path = path.replace(parameter, await STATED.get(operation_id, thing_of)(shop, owner))
    body = api.example(operation)
    if operation_id in FITTING:
        body |= FITTING[operation_id](member)
    if operation_id in ("place_order", "quote_order"):
        body = (await order_desk_of(shop, member.client)).body()
    response = await client.request(method, path, json=body, params=QUERIES.get(operation_id))
    return response.status_code


def test_every_operation_has_a_row(api: Api) -> None:
    assert set(api.operations) == set(TABLE)


def test_every_operation_on_one_thing_says_what_becomes_of_anothers(api: Api) -> None:
    on_a_thing = {name for name, (_, path, _) in api.operations.items() if "{" in path}

    assert on_a_thing == {name for name, (_, others) in TABLE.items() if others}


@pytest.mark.parametrize("operation_id", TABLE)
async def test_each_role_is_answered_as_the_table_says(shop: Shop, api: Api, operation_id: str) -> None:
    await shop.member(Role.ADMIN)  # so that nobody here is the last one
    await shop.sells(A_SKU)
    await shop.application.inventory.adjust_stock("main", A_SKU, 1)
    if "/orders" in api.operations[operation_id][1]:
        desk = await an_order_desk(shop)
        if operation_id == "list_orders":
            await desk.catch_up()  # before, there is nothing to be read
    members = [(role, await shop.member(*([role] if role else []))) for role in ROLES]
    callers = [(member, member.client if role else shop.visitor()) for role, member in members]
    own, others = TABLE[operation_id]

    if others:
        owner = await shop.member()
        answered = [await call(shop, api, operation_id, caller, owner) for caller in callers]
        assert tuple(answered) == others
    # After that, for it may be the end of who calls.
    answered = [await call(shop, api, operation_id, caller, caller[0]) for caller in callers]
    assert tuple(answered) == own


def test_the_description_asks_for_a_login_exactly_where_the_table_does(api: Api) -> None:
    asks = {name for name, (_, _, operation) in api.operations.items() if operation.get("security")}

    assert asks == {name for name, (own, _) in TABLE.items() if own[0] == 401}


def test_a_role_is_kept_out_exactly_where_it_lacks_the_permission_that_is_described(api: Api) -> None:
    for name, (own, _) in TABLE.items():
        described = api.operations[name][2].get("x-permission")
        for role, status in zip(Role, own[1:], strict=True):
            lacks = described is not None and Permission(described) not in grants_of([role])
            assert (status == 403) is lacks, name


def test_every_refusal_is_described(api: Api) -> None:
    for name, (own, others) in TABLE.items():
        answered = {str(status) for status in (*own, *(others or ()))}
        assert answered <= set(api.operations[name][2]["responses"]), name


async def test_a_thing_that_nobody_has_is_not_found_by_anybody(shop: Shop, api: Api) -> None:
    admin = await shop.member(Role.ADMIN)
    for name, (method, path, operation) in api.operations.items():
        if "{" in path and name not in {
            "total_payments",
            "adjust_stock",
        }:  # which ask nobody whether it is there
            nothing = path.replace(path[path.index("{") : path.index("}") + 1], str(uuid4()))
            body = api.example(operation)
            response = await admin.client.request(method, nothing, json=body)
            expected = 403 if name == "change_password" else 404  # nobody's password is an Admin's to change
            assert response.status_code == expected, name
