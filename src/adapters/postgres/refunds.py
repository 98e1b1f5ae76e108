"""Refunds in PostgreSQL."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from ...core.kernel import Money, Page, PageRequest, Slice, SliceRequest
from ...core.payments import PaymentId, Refund, RefundId, RefundNotFoundError, RefundStatus
from .connection import Connection, Lend
from .pages import page_of, slice_of
from .queries import named_queries

_SQL = named_queries("refunds")


@frozen
class PostgresRefundRepository:
    """Rows of ``refund``, on a connection whose transaction the caller owns."""

    _connection: Connection

    async def get(self, refund_id: RefundId) -> Refund:
        cursor = await self._connection.execute(_SQL["get"], {"id": refund_id})
        row = await cursor.fetchone()
        if row is None:
            raise RefundNotFoundError(refund_id)
        return _to_refund(row)

    async def save(self, refund: Refund) -> None:
        await self._connection.execute(
            _SQL["save"],
            {
                "id": refund.id,
                "payment_id": refund.payment_id,
                "amount_minor": refund.amount.minor,
                "currency": refund.amount.currency,
                "reason": refund.reason,
                "status": refund.status,
                "created_at": refund.created_at,
            },
        )


@frozen
class PostgresRefundQueries:
    """Rows of ``refund`` as they are committed."""

    _lend: Lend

    async def list(self, payment_id: PaymentId, page: PageRequest) -> Page[Refund]:
        return await page_of(self._lend, _SQL["list"], {"payment_id": payment_id}, page, _to_refund)

    async def list_after(self, payment_id: PaymentId, place: SliceRequest) -> Slice[Refund]:
        return await slice_of(self._lend, _SQL["list_after"], {"payment_id": payment_id}, place, _to_refund)


def _to_refund(row: Mapping[str, Any]) -> Refund:
    return Refund(
        id=RefundId(row["id"]),
        payment_id=PaymentId(row["payment_id"]),
        amount=Money.from_minor(row["amount_minor"], row["currency"]),
        reason=row["reason"],
        status=RefundStatus(row["status"]),
        created_at=row["created_at"],
    )
