"""Payments held against the journal, and against what the gateway has."""

from asyncio import gather
from collections.abc import Callable, Sequence
from uuid import UUID

from attrs import define, field, frozen

from ...kernel import Money
from ..attempts import authorization_key
from ..entities import PaymentStatus
from ..errors import GatewayOutcomeUnknownError, GatewayUnreachableError
from ..gateway import Authorization, GatewayRecord, PaymentGateway
from ..ids import PaymentId
from ..journal import BookedPayment, Totals
from ..ports import JournalQueries
from .keeping import GIVEN_UP

_MOST_TOLD = 1_000
_HOLDS_NOTHING = frozenset({PaymentStatus.FAILED, PaymentStatus.CANCELLED})


@frozen
class Difference:
    """
    Something that is not the same everywhere.

    Args:
        what: ``captured`` or ``refunded``; or ``held``: still held at the gateway, for a payment that is over.
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

    def add(self, found: Sequence[Difference]) -> None:
        """Note what was found of one payment."""
        self.difference_count += len(found)
        self.differences += found[: _MOST_TOLD - len(self.differences)]


@frozen
class ReconcilePayments:
    """
    Compare what was captured and refunded of every payment, deleted ones too: as the payment, the journal and the
    gateway have it; and look for what the gateway still holds for those that failed or were cancelled. Nothing is
    changed, others may go on meanwhile, and the memory it takes does not grow.

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
        for booked, differences, answered in await gather(*map(self._compared, payments)):
            report.payments += 1
            report.unsettled += booked.awaits_gateway
            report.unanswered += not answered
            report.add(differences)

    async def _compared(self, booked: BookedPayment) -> tuple[BookedPayment, Sequence[Difference], bool]:
        # What is asked of the gateway is recorded before. So if nothing of a payment was open, and it has not changed
        # since, the gateway has done nothing for it in between.
        while not booked.awaits_gateway:
            try:
                record = await self.gateway.look_up(authorization_key(booked.id))
            except (GatewayUnreachableError, GatewayOutcomeUnknownError):
                return booked, _differences(booked, None), False
            differences = _differences(booked, _AtGateway.of(record, booked))
            if not differences:
                return booked, differences, True
            [now] = await self.journal.booked(booked.id, 1)
            if now == booked:
                return booked, differences, True
            booked = now
        return booked, _differences(booked, None), True


@frozen
class _AtGateway:
    moved: Totals
    held: Money

    @classmethod
    def of(cls, record: GatewayRecord | None, booked: BookedPayment) -> "_AtGateway":
        nothing = booked.recorded.nothing
        if record is None:
            return cls(nothing, nothing.captured)
        is_over = record.voided or record.captured.minor
        held = nothing.captured
        if isinstance(record.outcome, Authorization) and not is_over:
            held = record.outcome.amount
        if booked.failure_code == GIVEN_UP.code:
            # A person has put it right there: what was taken and given back again counts as neither.
            return cls(Totals(record.captured - record.refunded, nothing.refunded), held)
        return cls(Totals(record.captured, record.refunded), held)


def _differences(booked: BookedPayment, at_gateway: _AtGateway | None) -> Sequence[Difference]:
    found = []
    for what in ("captured", "refunded"):
        recorded, in_journal = getattr(booked.recorded, what), getattr(booked.booked, what)
        there = getattr(at_gateway.moved, what) if at_gateway else None
        if in_journal != recorded or there not in {None, recorded}:
            found.append(Difference(booked.id, what, recorded, in_journal, there))
    if at_gateway and at_gateway.held.minor and booked.status in _HOLDS_NOTHING:
        nothing = booked.recorded.nothing.captured
        found.append(Difference(booked.id, "held", nothing, nothing, at_gateway.held))
    return found
