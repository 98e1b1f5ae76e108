"""The whole life of a payment, its gateway failing at any point, held against a model of what moved."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4, uuid5

from attrs import evolve
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from builders import CAPTURE_DECLINED, Business, a_card, a_payment_request
from builders.gateways import Killed, a_deadly_gateway
from quayside.core.kernel import PageRequest, QuaysideError
from quayside.core.payments import (
    CaptureRequest,
    GatewayOutcomeUnknownError,
    GatewayUnreachableError,
    Payment,
    PaymentAccount,
    PaymentGateway,
    PaymentId,
    PaymentNotFoundError,
    RefundId,
    RefundRequest,
    RefundStatus,
)

AN_ID = PaymentId(UUID(int=7))
AUTHORIZED = 2_000
FINAL = {"Completed", "Failed", "Cancelled"}

amounts = st.sampled_from([None, "0.01", "5.00", "7.00", "19.99", "20.00", "20.01"])
trouble = st.none() | st.tuples(
    st.sampled_from(["authorize", "capture", "void", "refund", "look_up"]),
    st.booleans(),
    st.sampled_from([Killed, GatewayOutcomeUnknownError, GatewayUnreachableError]),
)


class PaymentLife(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.business = Business()
        self.final: tuple[str, int] | None = None
        self.captured = 0

    @initialize(capture=st.booleans(), is_refused=st.booleans(), fails=trouble)
    def is_taken(self, fails: Any, *, capture: bool, is_refused: bool) -> None:
        card = a_card(CAPTURE_DECLINED) if is_refused else a_card()
        self.request = a_payment_request(amount="20.00", capture=capture, paying_card_details=card)
        self.takes_again(fails)

    @rule(fails=trouble)
    def takes_again(self, fails: Any) -> None:
        use_case = evolve(self.business.process_payment, gateway=self.gateway(fails))
        self.tries(use_case(self.request, payment_id=AN_ID))

    @rule(amount=amounts, fails=trouble)
    def captures(self, amount: str | None, fails: Any) -> None:
        operation = uuid5(AN_ID, str(amount))  # the same once more, wherever the amount is the same
        use_case = evolve(self.business.capture_payment, gateway=self.gateway(fails))
        self.tries(use_case(None, AN_ID, CaptureRequest(amount=amount), operation_id=operation))

    @rule(fails=trouble)
    def cancels(self, fails: Any) -> None:
        use_case = evolve(self.business.cancel_payment, gateway=self.gateway(fails))
        self.tries(use_case(None, AN_ID, operation_id=uuid4()))

    @rule(amounts=st.lists(amounts, min_size=1, max_size=3), fails=trouble)
    def refunds_at_once(self, amounts: list[str | None], fails: Any) -> None:
        use_case = evolve(self.business.refund_payment, gateway=self.gateway(fails))
        asked = (
            use_case(None, AN_ID, RefundRequest(amount=amount), refund_id=RefundId(uuid4()))
            for amount in amounts
        )
        self.tries(asyncio.wait_for(gathered(asked), 5))

    @rule(fails=trouble, grace_is_over=st.booleans())
    def is_settled(self, fails: Any, *, grace_is_over: bool) -> None:
        use_case = evolve(self.business.settle_payment, gateway=self.gateway(fails))
        self.tries(use_case(AN_ID, grace_is_over=grace_is_over))

    @invariant()
    def what_is_recorded_is_what_the_gateway_did_or_will_be_settled(self) -> None:
        payment, record = asyncio.run(self.seen())
        if payment is None:
            return
        assert 0 <= payment.refunded.minor <= payment.captured.minor <= AUTHORIZED
        assert payment.refunded.minor + payment.refunding.minor <= payment.captured.minor
        assert not payment.needs_attention
        if payment.awaits_gateway or record is None:
            return
        assert (payment.captured, payment.refunded) == (record.captured, record.refunded)
        assert record.voided == (payment.status in {"Cancelled", "Failed"})

    @invariant()
    def what_is_booked_is_what_was_taken_less_what_was_given_back(self) -> None:
        payment, _ = asyncio.run(self.seen())
        entries = asyncio.run(self.business.store.journal.of_payment(AN_ID))
        if payment is None:
            assert entries == []
            return

        def balance(account: PaymentAccount) -> int:
            return sum(entry.balance(account) for entry in entries)

        assert sum(posting.amount.minor for entry in entries for posting in entry.postings) == 0
        assert balance(PaymentAccount.CONTRACT_LIABILITIES) == -payment.captured.minor
        assert balance(PaymentAccount.REFUNDS) == payment.refunded.minor
        assert balance(PaymentAccount.GATEWAY_RECEIVABLE) == (payment.captured - payment.refunded).minor

    @invariant()
    def what_is_final_stays_so(self) -> None:
        payment, _ = asyncio.run(self.seen())
        if self.final is not None:
            assert payment is not None
            assert (payment.status, payment.captured.minor) == self.final
        elif payment is not None and payment.status in FINAL:
            self.final = (payment.status, payment.captured.minor)

    def teardown(self) -> None:
        async def settle() -> None:
            payment = await self.business.settle_payment(AN_ID, grace_is_over=True)
            refunds = (await self.business.store.refunds.list(AN_ID, PageRequest(page_size=100))).items
            assert not payment.awaits_gateway
            given = [each.amount.minor for each in refunds if each.status is RefundStatus.SUCCEEDED]
            assert sum(given) == payment.refunded.minor
            assert RefundStatus.PENDING not in {each.status for each in refunds}
            report = await self.business.reconcile_payments()
            assert (report.payments, report.unsettled, report.differences) == (1, 0, [])

        if asyncio.run(self.seen())[0] is not None:
            asyncio.run(settle())
            self.what_is_recorded_is_what_the_gateway_did_or_will_be_settled()
            self.what_is_booked_is_what_was_taken_less_what_was_given_back()

    def gateway(self, fails: Any) -> PaymentGateway:
        if fails is None:
            return self.business.gateway
        call, does_it, failure = fails
        # One that could not be reached did nothing: so says the port.
        does_it = does_it and failure is not GatewayUnreachableError
        return a_deadly_gateway(self.business.gateway, call, does_it=does_it, failure=failure)

    def tries(self, work: Coroutine[Any, Any, object]) -> None:
        """Do it; refusals and crashes are part of life."""
        with suppress(QuaysideError, Killed):
            asyncio.run(work)

    async def seen(self) -> tuple[Payment | None, Any]:
        try:
            payment = await self.business.store.payments.get(AN_ID)
        except PaymentNotFoundError:
            return None, None
        return payment, await self.business.gateway.look_up(f"{AN_ID}/authorize")


async def gathered(works: Any) -> None:
    """Do all at once; the first that is killed takes the others along."""
    outcomes = await asyncio.gather(*works, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Killed):
            raise outcome


TestPaymentLife = PaymentLife.TestCase
TestPaymentLife.settings = settings(stateful_step_count=12)
