"""Refunds in memory."""

from collections.abc import Mapping, Sequence
from itertools import islice

from attrs import frozen

from ...core.kernel import Page, PageRequest, Place, Slice, SliceRequest
from ...core.payments import PaymentId, Refund, RefundId, RefundNotFoundError
from .rows import Rows, copied


@frozen
class MemoryRefundRepository:
    """The rows of one transaction."""

    _rows: Rows[RefundId, Refund]

    async def get(self, refund_id: RefundId) -> Refund:
        try:
            return self._rows[refund_id]
        except KeyError:
            raise RefundNotFoundError(refund_id) from None

    async def save(self, refund: Refund) -> None:
        self._rows[refund.id] = refund


@frozen
class MemoryRefundQueries:
    """What is committed."""

    _committed: Mapping[RefundId, Refund]

    async def list(self, payment_id: PaymentId, page: PageRequest) -> Page[Refund]:
        found = self._newest_first(payment_id)
        shown = found[page.offset : page.offset + page.limit]
        return Page.of((copied(refund) for refund in shown), page, total_count=len(found))

    async def list_after(self, payment_id: PaymentId, place: SliceRequest) -> Slice[Refund]:
        found = (refund for refund in self._newest_first(payment_id) if Place.of(refund) < place.after)
        return Slice.of([copied(refund) for refund in islice(found, place.limit)], place)

    def _newest_first(self, payment_id: PaymentId) -> Sequence[Refund]:
        found = (refund for refund in self._committed.values() if refund.payment_id == payment_id)
        return sorted(found, key=Place.of, reverse=True)
