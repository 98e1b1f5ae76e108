"""Telling whoever runs the business what came of its payments."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from uuid import UUID

from attrs import evolve, field, frozen

from ...kernel import Clock, Permission, Place, Principal, SliceRequest
from ..entities import Payment
from ..overview import PaymentFilter, PaymentTotal
from ..ports import PaymentQueries

_PAGE_SIZE = 100
_LAST_ID = UUID(int=(1 << 128) - 1)


@frozen
class PaymentReport:
    """
    The payments of a time.

    Args:
        at: When it was made; what is created later is not among its payments.
        totals: By status and currency.
    """

    at: datetime
    totals: Sequence[PaymentTotal]
    _payments: PaymentQueries = field(repr=False)
    _wanted: PaymentFilter

    async def pages(self) -> AsyncIterator[Sequence[Payment]]:
        """The payments themselves, newest first, as they are by then: a page at a time, and no more of them kept."""
        place = Place(self.at, _LAST_ID)
        while True:
            found = await self._payments.list_after(self._wanted, SliceRequest(place, _PAGE_SIZE))
            if found.items:
                yield found.items
            if not found.has_next_page:
                return
            place = Place.of(found.items[-1])


@frozen
class ReportPayments:
    """Report on the payments that the caller may have reports on."""

    payments: PaymentQueries
    clock: Clock

    async def __call__(self, principal: Principal, wanted: PaymentFilter) -> PaymentReport:
        """
        Those that *wanted* lets through.

        Raises:
            PermissionDeniedError: the caller gets no reports.
        """
        principal.require(Permission.PAYMENTS_REPORT)
        at = self.clock()
        if not principal.sees_all(Permission.PAYMENTS_REPORT):
            wanted = evolve(wanted, created_by=principal.user_id)
        return PaymentReport(at, await self.payments.totals_by_status(wanted), self.payments, wanted)
