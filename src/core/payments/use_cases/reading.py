"""Showing payments to whom they concern."""

from typing import overload

from attrs import evolve, frozen

from ...kernel import Page, PageRequest, Permission, Principal, Slice, SliceRequest
from ..entities import Payment
from ..errors import PaymentNotFoundError
from ..ids import PaymentId
from ..ports import PaymentFilter, PaymentQueries


@frozen
class FindPayment:
    """Show a payment to who may see it: whoever made it, and who sees all."""

    payments: PaymentQueries

    async def __call__(self, principal: Principal, payment_id: PaymentId) -> Payment:
        """
        Raises:
            PaymentNotFoundError: there is none, or the caller may not see it.
        """
        payment = await self.payments.get(payment_id)
        if payment.created_by != principal.user_id and not principal.sees_all(Permission.PAYMENTS_READ_ALL):
            raise PaymentNotFoundError(payment_id, hidden=True)
        return payment


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
        if not principal.sees_all(Permission.PAYMENTS_READ_ALL):
            wanted = evolve(wanted, created_by=principal.user_id)
        if isinstance(which, SliceRequest):
            return await self.payments.list_after(wanted, which)
        return await self.payments.list(wanted, which)
