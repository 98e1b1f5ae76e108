"""Customers in memory, which is not read by anybody else, so that nothing is encrypted."""

from collections.abc import Collection, Iterator, Mapping
from copy import copy
from datetime import datetime

from attrs import frozen

from ...core.customers import Customer, CustomerFilter, CustomerNotFoundError, same_email
from ...core.eventlog import Event, Recorder
from ...core.kernel import CustomerId, Page, PageRequest, Slice, SliceRequest, UserId
from .event_log import MemoryEventLog
from .pages import page_of, slice_of
from .rows import Rows


@frozen
class MemoryCustomerRepository:
    """The rows of one transaction."""

    _rows: Rows[CustomerId, Customer]
    _erased: Rows[CustomerId, datetime]
    _log: MemoryEventLog
    _recorder: Recorder

    async def get(self, customer_id: CustomerId) -> Customer:
        try:
            return self._rows[customer_id]
        except KeyError:
            raise CustomerNotFoundError(customer_id) from None

    async def save(self, customer: Customer, *events: Event) -> None:
        customer.version = await self._log.append(customer.stream, self._recorder(events), customer.version)
        self._rows[customer.id] = customer

    async def erase(self, customer: Customer, *events: Event) -> None:
        customer.version = await self._log.append(customer.stream, self._recorder(events), customer.version)
        del self._rows[customer.id]
        self._erased[customer.id] = customer.updated_at


@frozen
class MemoryCustomerQueries:
    """What is committed."""

    _committed: Mapping[CustomerId, Customer]

    async def get(self, customer_id: CustomerId) -> Customer:
        if customer_id not in self._committed:
            raise CustomerNotFoundError(customer_id)
        return copy(self._committed[customer_id])

    async def list(self, wanted: CustomerFilter, page: PageRequest) -> Page[Customer]:
        return page_of(self._found(wanted), page)

    async def list_after(self, wanted: CustomerFilter, place: SliceRequest) -> Slice[Customer]:
        return slice_of(self._found(wanted), place)

    async def ids_by_email(self, email: str, created_by: UserId | None) -> Collection[CustomerId]:
        wanted, address = CustomerFilter(created_by=created_by), same_email(email)
        return [
            customer.id
            for customer in self._committed.values()
            if same_email(customer.email) == address and wanted.lets_through(customer)
        ]

    def _found(self, wanted: CustomerFilter) -> Iterator[Customer]:
        return filter(wanted.lets_through, self._committed.values())
