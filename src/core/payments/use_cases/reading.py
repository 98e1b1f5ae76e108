"""Showing payments to whom they concern."""

from collections.abc import Sequence
from typing import overload

from attrs import evolve, frozen

from ...kernel import Clock, Money, Page, PageRequest, Permission, Principal, Slice, SliceRequest
from ..entities import Payment
from ..errors import PaymentNotFoundError
from ..ids import PaymentId
from ..overview import PaymentFilter
from ..ports import PaymentLookup, PaymentQueries, RefundQueries
from ..refunds import Refund


def require_visible(principal: Principal, payment: Payment) -> None:
    """
    Raises:
        PaymentNotFoundError: the caller neither made it nor sees all.
    """
    if payment.created_by != principal.user_id and not principal.sees_all(Permission.PAYMENTS_READ_ALL):
        raise PaymentNotFoundError(payment.id, hidden=True)


@frozen
class FindPayment:
    """Show a payment to who may see it: whoever made it, and who sees all."""

    payments: PaymentLookup

    async def __call__(self, principal: Principal, payment_id: PaymentId) -> Payment:
        """
        Raises:
            PaymentNotFoundError: there is none, or the caller may not see it.
        """
        payment = await self.payments.get(payment_id)
        require_visible(principal, payment)
        return payment


@frozen
class ListRefunds:
    """List the refunds of a payment that the caller may see."""

    payments: PaymentQueries
    refunds: RefundQueries

    @overload
    async def __call__(
        self, principal: Principal, payment_id: PaymentId, which: PageRequest
    ) -> Page[Refund]: ...

    @overload
    async def __call__(
        self, principal: Principal, payment_id: PaymentId, which: SliceRequest
    ) -> Slice[Refund]: ...

    async def __call__(
        self, principal: Principal, payment_id: PaymentId, which: PageRequest | SliceRequest
    ) -> Page[Refund] | Slice[Refund]:
        """
        Newest first.

        Raises:
            PaymentNotFoundError: there is none, or the caller may not see it.
        """
        require_visible(principal, await self.payments.get(payment_id))
        if isinstance(which, SliceRequest):
            return await self.refunds.list_after(payment_id, which)
        return await self.refunds.list(payment_id, which)


@frozen
class ListPayments:
    """List the payments that the caller may see."""

    payments: PaymentQueries

    @overload
    async def __call__(
        self, principal: Principal, wanted: PaymentFilter, which: PageRequest
    ) -> Page[Payment]: ...

    @overload
    async def __call__(
        self, principal: Principal, wanted: PaymentFilter, which: SliceRequest
    ) -> Slice[Payment]: ...

    async def __call__(
        self, principal: Principal, wanted: PaymentFilter, which: PageRequest | SliceRequest
    ) -> Page[Payment] | Slice[Payment]:
        """Those that *wanted* lets through and the caller made, or all of them for who sees all; newest first."""
        wanted = _seen_by(principal, wanted)
        if isinstance(which, SliceRequest):
            return await self.payments.list_after(wanted, which)
        return await self.payments.list(wanted, which)


@frozen
class TotalPayments:
    """Sum up the payments that the caller may see."""

    payments: PaymentQueries

    async def __call__(self, principal: Principal, wanted: PaymentFilter) -> Sequence[Money]:
        """What was captured less what was refunded of those that *wanted* lets through, a sum a currency."""
        return await self.payments.totals(_seen_by(principal, wanted))


@frozen
class Backlog:
    """
    What is not over yet.

    Args:
        unsettled: Payments that await the gateway, and no person.
        longest_wait_s: How long the one of them has that waits longest, in seconds.
        flagged: Payments that need a person.
    """

    unsettled: int
    longest_wait_s: float
    flagged: int


@frozen
class TellBacklog:
    """Tell operators how much is left to be done."""

    payments: PaymentQueries
    clock: Clock

    async def __call__(self) -> Backlog:
        found = await self.payments.backlog()
        waited = (self.clock() - found.since).total_seconds() if found.since else 0.0
        return Backlog(found.unsettled, max(waited, 0.0), found.flagged)


def _seen_by(principal: Principal, wanted: PaymentFilter) -> PaymentFilter:
    if principal.sees_all(Permission.PAYMENTS_READ_ALL):
        return wanted
    return evolve(wanted, created_by=principal.user_id)
