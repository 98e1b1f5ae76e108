"""Finding payments by what somebody remembers of them."""

from typing import overload

from attrs import evolve, field, frozen

from ...kernel import Page, PageRequest, Permission, Principal, Slice, SliceRequest
from ..entities import Payment
from ..overview import PaymentFilter
from ..ports import CustomersByEmail
from .reading import ListPayments


@frozen(kw_only=True)
class PaymentSearch:
    """
    What is known of the payments that are looked for; what is None does not narrow.

    Args:
        customer_email: The whole address, in any case.
    """

    card_last4: str | None = None
    customer_email: str | None = field(default=None, repr=False)


@frozen
class SearchPayments:
    """
    Find the payments that the caller may see.

    An e-mail address finds those of customers whom the caller may see: a payment may name any customer, and finding it
    would tell whose the address is.
    """

    list_payments: ListPayments
    customers: CustomersByEmail

    @overload
    async def __call__(
        self, principal: Principal, search: PaymentSearch, which: PageRequest
    ) -> Page[Payment]: ...

    @overload
    async def __call__(
        self, principal: Principal, search: PaymentSearch, which: SliceRequest
    ) -> Slice[Payment]: ...

    async def __call__(
        self, principal: Principal, search: PaymentSearch, which: PageRequest | SliceRequest
    ) -> Page[Payment] | Slice[Payment]:
        """Those that *search* describes, newest first."""
        wanted = PaymentFilter(card_last4=search.card_last4)
        if search.customer_email is not None:
            registrar = None if principal.sees_all(Permission.CUSTOMERS_READ_ALL) else principal.user_id
            found = await self.customers.ids_by_email(search.customer_email, registrar)
            wanted = evolve(wanted, customer_ids=frozenset(found))
        return await self.list_payments(principal, wanted, which)
