"""Showing customers to whom they concern."""

from typing import overload

from attrs import evolve, frozen

from ...kernel import CustomerId, Page, PageRequest, Permission, Principal, Slice, SliceRequest
from ..entities import Customer
from ..errors import CustomerNotFoundError
from ..ports import CustomerFilter, CustomerQueries


def require_visible(principal: Principal, customer: Customer) -> None:
    """
    Raises:
        CustomerNotFoundError: the caller neither registered them nor sees all.
    """
    if customer.created_by != principal.user_id and not principal.sees_all(Permission.CUSTOMERS_READ_ALL):
        raise CustomerNotFoundError(customer.id, hidden=True)


@frozen
class FindCustomer:
    """Show a customer to who may see them: whoever registered them, and who sees all."""

    customers: CustomerQueries

    async def __call__(self, principal: Principal, customer_id: CustomerId) -> Customer:
        """
        Raises:
            CustomerNotFoundError: there is none, not any more, or the caller may not see them.
        """
        customer = await self.customers.get(customer_id)
        require_visible(principal, customer)
        return customer


@frozen
class ListCustomers:
    """List the customers that the caller may see."""

    customers: CustomerQueries

    @overload
    async def __call__(
        self, principal: Principal, wanted: CustomerFilter, which: PageRequest
    ) -> Page[Customer]: ...

    @overload
    async def __call__(
        self, principal: Principal, wanted: CustomerFilter, which: SliceRequest
    ) -> Slice[Customer]: ...

    async def __call__(
        self, principal: Principal, wanted: CustomerFilter, which: PageRequest | SliceRequest
    ) -> Page[Customer] | Slice[Customer]:
        """Those that *wanted* lets through and the caller registered, or all for who sees all; newest first."""
        if not principal.sees_all(Permission.CUSTOMERS_READ_ALL):
            wanted = evolve(wanted, created_by=principal.user_id)
        if isinstance(which, SliceRequest):
            return await self.customers.list_after(wanted, which)
        return await self.customers.list(wanted, which)
