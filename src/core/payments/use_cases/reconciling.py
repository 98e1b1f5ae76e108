"""Payments held against the journal, and against what the gateway has."""

from asyncio import gather
from collections.abc import Callable, Sequence
from uuid import UUID

from attrs import define, field, frozen

from ...kernel import Money
from ..attempts import authorization_key
from ..errors import GatewayOutcomeUnknownError, GatewayUnreachableError
from ..gateway import PaymentGateway
from ..ids import PaymentId
from ..journal import BookedPayment, Totals
from ..ports import JournalQueries

_MOST_TOLD = 1_000


@frozen
class Difference:
    """
    Something that is not the same everywhere.

    Args:
        what: ``captured`` or ``refunded``.
        recorded: What the payment says.
        booked: What the journal says.
        at_gateway: What the gateway says; None where it was not asked, because something of the payment is open, or did
            not answer.
    """

    payment_id: PaymentId
    what: str
    recorded: Money
    booked: Money
    at_gateway: Money | None


@define(eq=False)
class Reconciliation:
    """
    What was found.

    Args:
        payments: How many were looked at.
        unsettled: Of how many something is open, so that the gateway may be ahead of us; settling comes first.
        unanswered: Of how many the gateway could not be asked.
        differences: The first thousand.
        difference_count: All of them.
    """

    payments: int = 0
    unsettled: int = 0
    unanswered: int = 0
    differences: list[Difference] = field(factory=list)
    difference_count: int = 0

    def add(self, booked: BookedPayment, at_gateway: Totals | None) -> None:
        """Note in what *booked* differs."""
        for what in ("captured", "refunded"):
            recorded, in_journal = getattr(booked.recorded, what), getattr(booked.booked, what)
            there = getattr(at_gateway, what) if at_gateway else None
            if in_journal != recorded or there not in {None, recorded}:
                self.difference_count += 1
                if len(self.differences) < _MOST_TOLD:
                    self.differences.append(Difference(booked.id, what, recorded, in_journal, there))


@frozen
class ReconcilePayments:
    """
    Compare what was captured and refunded of every payment, deleted ones too: as the payment, the journal and the
    gateway have it. Nothing is changed, others may go on meanwhile, and the memory it takes does not grow.

    Args:
        batch: How many payments to a read.
        at_once: How many look-ups at the gateway are under way at most.
    """

    journal: JournalQueries
    gateway: PaymentGateway
    batch: int = 500
    at_once: int = 10

    async def __call__(self, passed: Callable[[int], object] = lambda _: None) -> Reconciliation:
        """
        Args:
            passed: Told again and again how many payments were looked at since the last time.

        Raises:
            GatewayRejectedError: the gateway does not take the question.
        """
        report = Reconciliation()
        first = PaymentId(UUID(int=0))
        while payments := await self.journal.booked(first, self.batch):
            for start in range(0, len(payments), self.at_once):
                some = payments[start : start + self.at_once]
                await self._look_at(some, report)
                passed(len(some))
            first = PaymentId(UUID(int=payments[-1].id.int + 1))
        return report

    async def _look_at(self, payments: Sequence[BookedPayment], report: Reconciliation) -> None:
        for booked, at_gateway, answered in await gather(*map(self._compared, payments)):
            report.payments += 1
            report.unsettled += booked.awaits_gateway
            report.unanswered += not answered
            report.add(booked, at_gateway)

    async def _compared(self, booked: BookedPayment) -> tuple[BookedPayment, Totals | None, bool]:
        # What is asked of the gateway is recorded before. So if nothing of a payment was open, and it has not changed
        # since, the gateway has done nothing for it in between.
        while not booked.awaits_gateway:
            try:
                record = await self.gateway.look_up(authorization_key(booked.id))
            except (GatewayUnreachableError, GatewayOutcomeUnknownError):
                return booked, None, False
            at_gateway = Totals(record.captured, record.refunded) if record else booked.recorded.nothing
            if at_gateway == booked.recorded:
                return booked, at_gateway, True
            [now] = await self.journal.booked(booked.id, 1)
            if now == booked:
                return booked, at_gateway, True
            booked = now
        return booked, None, True
