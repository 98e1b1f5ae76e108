"""What becomes of a payment, over HTTP: captured, cancelled, given back, deleted, searched, summed up."""

from typing import Any
from uuid import UUID

import pytest
from attrs import evolve

from builders.gateways import a_deadly_gateway
from builders.members import V1
from builders.payments import A_CUSTOMER, CAPTURE_DECLINED, DECLINED
from builders.shop import PAYMENTS, Shop, a_card_body, serving
from quayside.core.identity import Role
from quayside.core.payments import GatewayOutcomeUnknownError, PaymentId


@pytest.fixture
async def staff(shop: Shop) -> Any:
    return (await shop.member(Role.STAFF)).client


def steps(payment: dict[str, Any], step: str) -> str:
    return f"{PAYMENTS}/{payment['id']}/{step}"


async def test_a_hold_is_captured_in_part_without_a_body_in_whole(shop: Shop, staff: Any) -> None:
    holds = [await shop.has_taken(amount="19.99", capture=False) for _ in range(2)]

    part = await staff.post(steps(holds[0], "capture"), json={"amount": "5.00"})
    whole = await staff.post(steps(holds[1], "capture"))

    assert (part.status_code, whole.status_code) == (200, 200)
    assert (part.json()["status"], part.json()["captured_amount"]) == ("Completed", "5.00")
    assert whole.json()["captured_amount"] == "19.99"
    assert part.headers["etag"] == f'"{part.json()["version"]}"'


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"amount": "20.00"}, 422, "capture_exceeds_authorization"),
        ({"amount": "0"}, 400, "validation_failed"),
        ({"amount": "1.001"}, 400, "validation_failed"),
        ({"amount": True}, 400, "validation_failed"),
        ({"sum": "1.00"}, 400, "validation_failed"),
    ],
)
async def test_a_capture_keeps_the_rules(
    shop: Shop, staff: Any, body: dict[str, Any], status: int, code: str
) -> None:
    hold = await shop.has_taken(capture=False)

    response = await staff.post(steps(hold, "capture"), json=body)

    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


async def test_a_refused_capture_is_402_and_the_payment_stays(shop: Shop, staff: Any) -> None:
    hold = await shop.has_taken(capture=False, paying_card_details=a_card_body(CAPTURE_DECLINED))

    response = await staff.post(steps(hold, "capture"))

    error = response.json()["error"]
    assert (response.status_code, error["code"], error["payment_id"]) == (402, "card_declined", hold["id"])
    assert (await shop.client.get(f"{PAYMENTS}/{hold['id']}")).json()["status"] == "Processing"


async def test_what_is_pending_conflicts_and_what_is_final_cannot_be_changed(shop: Shop, staff: Any) -> None:
    pending = (await shop.pay("4000000000000507")).json()
    completed = await shop.has_taken()

    for step in ("capture", "cancel"):
        response = await staff.post(steps(pending, step))
        assert (response.status_code, response.json()["error"]["code"]) == (409, "conflict")
        response = await staff.post(steps(completed, step))
        assert (response.status_code, response.json()["error"]["code"]) == (422, "invalid_state_transition")


async def test_a_maker_cancels_its_own(shop: Shop) -> None:
    hold = await shop.has_taken(capture=False)

    response = await shop.client.post(steps(hold, "cancel"))

    assert (response.status_code, response.json()["status"]) == (200, "Cancelled")


async def test_a_step_whose_answer_is_lost_is_followed_at_its_location(shop: Shop) -> None:
    hold, taken = await shop.has_taken(capture=False), await shop.has_taken()
    payments, member = shop.application.payments, await shop.member(Role.STAFF)
    lost: dict[str, Any] = {"does_it": True, "failure": GatewayOutcomeUnknownError}
    gateway = a_deadly_gateway(shop.application.gateway, "capture", **lost)
    changed = evolve(payments, capture_payment=evolve(payments.capture_payment, gateway=gateway))
    gateway = a_deadly_gateway(shop.application.gateway, "refund", **lost)
    changed = evolve(changed, refund_payment=evolve(payments.refund_payment, gateway=gateway))

    async with serving(evolve(shop.application, payments=changed), member.token) as client:
        capture = await client.post(steps(hold, "capture"))
        refund = await client.post(steps(taken, "refunds"), json={"reason": "late"})
    for payment in (hold, taken):
        await payments.settle_payment(PaymentId(UUID(payment["id"])))

    assert (capture.status_code, capture.headers["location"]) == (202, f"{PAYMENTS}/{hold['id']}")
    assert (refund.status_code, refund.json()["status"]) == (202, "Pending")
    assert (await member.client.get(capture.headers["location"])).json()["status"] == "Completed"
    [settled] = (await member.client.get(refund.headers["location"])).json()["data"]
    assert settled == refund.json() | {"status": "Succeeded"}


async def test_refunds_are_made_once_a_key_and_listed(shop: Shop, staff: Any) -> None:
    payment = await shop.has_taken(amount="19.99")
    key = {"Idempotency-Key": "refund-1"}

    first = await staff.post(steps(payment, "refunds"), json={"amount": 5, "reason": "one"}, headers=key)
    again = await staff.post(steps(payment, "refunds"), json={"amount": 5, "reason": "one"}, headers=key)
    rest = await staff.post(steps(payment, "refunds"))
    more = await staff.post(steps(payment, "refunds"), json={"amount": "0.01"})

    assert first.status_code == 201
    assert (first.json()["amount"], first.json()["reason"], first.json()["status"]) == (
        "5.00",
        "one",
        "Succeeded",
    )
    assert again.content == first.content
    assert rest.json()["amount"] == "14.99"
    assert (more.status_code, more.json()["error"]["code"]) == (422, "refund_exceeds_capture")
    listed = await shop.client.get(steps(payment, "refunds"), params={"page_size": 1})
    assert listed.json()["data"] == [rest.json()]
    following = await shop.client.get(
        steps(payment, "refunds"), params={"cursor": listed.json()["next_cursor"]}
    )
    assert following.json()["data"] == [first.json()]
    assert (await shop.client.get(f"{PAYMENTS}/{payment['id']}")).json()["refunded_amount"] == "19.99"


async def test_a_deleted_payment_is_gone_for_everybody(shop: Shop) -> None:
    payment, hold = await shop.has_taken(), await shop.has_taken(capture=False)
    admin = (await shop.member(Role.ADMIN)).client
    where = f"{PAYMENTS}/{payment['id']}"

    held = await admin.delete(f"{PAYMENTS}/{hold['id']}")
    stale = await admin.delete(where, headers={"If-Match": '"1"'})
    deleted = await admin.delete(where, headers={"If-Match": f'"{payment["version"]}"'})

    assert (held.status_code, held.json()["error"]["code"]) == (422, "invalid_state_transition")
    assert (stale.status_code, deleted.status_code) == (412, 204)
    for method in ("GET", "DELETE"):
        assert (await admin.request(method, where)).status_code == 404
    assert (await admin.post(steps(payment, "refunds"))).status_code == 404
    assert (await shop.client.get(steps(payment, "refunds"))).status_code == 404
    assert [each["id"] for each in (await shop.payments()).json()["data"]] == [hold["id"]]


async def test_payments_are_searched_by_the_end_of_the_card(shop: Shop, staff: Any) -> None:
    taken = await shop.has_taken()
    await shop.pay(DECLINED)

    async def found(client: Any, last4: str) -> list[str]:
        response = await client.get(f"{PAYMENTS}/search", params={"card_last4": last4})
        assert response.status_code == 200
        return [each["status"] for each in response.json()["data"]]

    assert await found(shop.client, taken["card_last4"]) == ["Completed"]
    assert await found(staff, "0002") == ["Failed"]
    assert await found((await shop.member()).client, "4242") == []


@pytest.mark.parametrize(("query", "code"), [({}, "required"), ({"card_last4": "424"}, "invalid_format")])
async def test_a_search_is_for_something(shop: Shop, query: dict[str, str], code: str) -> None:
    response = await shop.client.get(f"{PAYMENTS}/search", params=query)

    assert response.status_code == 400
    assert [each["code"] for each in response.json()["error"]["field_errors"]] == [code]


async def test_a_customers_payments_are_summed_up(shop: Shop, staff: Any) -> None:
    payment = await shop.has_taken(amount="19.99")
    await shop.has_taken(amount="5.00", currency="EUR")
    await shop.has_taken(amount="7.00", capture=False)
    await staff.post(steps(payment, "refunds"), json={"amount": "9.99"})
    where = f"{V1}/customers/{A_CUSTOMER}/payments/total"

    totals = {"totals": [{"amount": "5.00", "currency": "EUR"}, {"amount": "10.00", "currency": "GBP"}]}
    assert (await staff.get(where)).json() == totals
    assert (await shop.client.get(where, params={"from_date": "2026-11-20"})).json() == totals
    assert (await shop.client.get(where, params={"from_date": "2026-11-21"})).json() == {"totals": []}
    assert (await (await shop.member()).client.get(where)).json() == {"totals": []}
