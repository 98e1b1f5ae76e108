"""Refunds in memory."""

from collections.abc import Iterator, Mapping

from attrs import frozen

from ...core.kernel import Page, PageRequest, Slice, SliceRequest
from ...core.payments import PaymentId, Refund, RefundId, RefundNotFoundError
from .pages import page_of, slice_of
from .rows import Rows


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
        return page_of(self._found(payment_id), page)

    async def list_after(self, payment_id: PaymentId, place: SliceRequest) -> Slice[Refund]:
        return slice_of(self._found(payment_id), place)

    def _found(self, payment_id: PaymentId) -> Iterator[Refund]:
        return (refund for refund in self._committed.values() if refund.payment_id == payment_id)
