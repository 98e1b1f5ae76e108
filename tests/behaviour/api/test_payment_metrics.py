"""What /metrics tells of payments."""

from datetime import timedelta
from uuid import UUID

import pytest
from prometheus_client.parser import text_string_to_metric_families

from builders.payments import ANSWER_LOST, CAPTURE_DECLINED, DECLINED, SLOW, UNREACHABLE
from builders.shop import PAYMENTS, Shop, open_shop
from quayside.core.identity import Role
from quayside.core.kernel import ConcurrencyConflictError
from quayside.core.payments import PaymentId, PaymentReceived


async def measured(shop: Shop) -> dict[str, float]:
    """What there is of payments, with the values of the labels, by their names, behind the name."""
    families = text_string_to_metric_families((await shop.client.get("/metrics")).text)
    return {
        " ".join(
            [sample.name.removeprefix("quayside_"), *(value for _, value in sorted(sample.labels.items()))]
        ): sample.value
        for family in families
        for sample in family.samples
        if family.name.startswith("quayside_payment") and not sample.name.endswith(("_created", "_bucket"))
    }


async def test_what_becomes_of_payments_is_counted_by_what_it_was(shop: Shop) -> None:
    staff = await shop.member(Role.STAFF)
    taken = await shop.has_taken("10.50")
    await shop.has_taken("1.25", currency="EUR")
    held = await shop.has_taken("2.00", capture=False)
    await staff.client.post(f"{PAYMENTS}/{taken['id']}/refunds", json={"amount": "0.50"})
    await shop.client.post(f"{PAYMENTS}/{held['id']}/cancel")
    for card in (DECLINED, UNREACHABLE, CAPTURE_DECLINED):
        await shop.pay(card)

    found = await measured(shop)

    assert {name: value for name, value in found.items() if "duration_seconds_sum" not in name} == {
        "payments_received_total GBP": 5,
        "payments_received_total EUR": 1,
        "payments_ended_total GBP Completed": 1,
        "payments_ended_total EUR Completed": 1,
        "payments_ended_total GBP Cancelled": 1,
        "payments_ended_total GBP Failed": 3,
        "payments_failed_total generic_decline": 1,
        "payments_failed_total capture_declined": 1,
        "payments_failed_total external_service_error": 1,
        "payments_captured_amount_total GBP": 10.5,
        "payments_captured_amount_total EUR": 1.25,
        "payments_refunded_amount_total GBP": 0.5,
        "payment_duration_seconds_count GBP": 5,
        "payment_duration_seconds_count EUR": 1,
        "payments_open": 0,
        "payments_open_age_seconds": 0,
        "payments_needing_attention": 0,
    }


async def test_a_payment_whose_answer_was_lost_is_open_until_it_is_settled(shop: Shop) -> None:
    payment_id = (await shop.pay(ANSWER_LOST)).json()["id"]
    shop.clock.advance(timedelta(seconds=90))

    found = await measured(shop)

    assert found["payment_outcomes_unknown_total authorize"] == 1
    assert (found["payments_open"], found["payments_open_age_seconds"]) == (1, 90)

    await shop.application.payments.settle_payment(PaymentId(UUID(payment_id)))
    async with open_shop() as other:  # whose measurements are its own
        assert (await measured(other)).get("payments_received_total GBP") is None


async def test_how_long_a_payment_took_is_measured(shop: Shop) -> None:
    await shop.pay(SLOW)  # for which the clock moves on

    assert (await measured(shop))["payment_duration_seconds_sum GBP"] >= 3


async def test_what_is_not_committed_is_not_counted(shop: Shop) -> None:
    taken = await shop.has_taken()
    begin = shop.application.payments.process_payment.begin
    with pytest.raises(ConcurrencyConflictError):
        async with begin() as tx:
            payment = await tx.payments.get(PaymentId(UUID(taken["id"])))
            payment.version += 1
            event = PaymentReceived(payment.id, payment.customer_id, payment.amount, payment.created_at)
            await tx.payments.save(payment, event)

    assert (await measured(shop))["payments_received_total GBP"] == 1
