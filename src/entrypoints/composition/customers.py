"""Who buys: the use cases of customers, put together."""

from collections.abc import Mapping, Sequence

import structlog
from attrs import frozen

from ...core.customers import (
    ChangeCustomer,
    EraseCustomer,
    FindCustomer,
    ListCustomers,
    RegisterCustomer,
    SummarizeCustomer,
    SummarySource,
    change_form,
    registration_form,
)
from ...core.kernel import CustomerId, PageRequest, Principal
from ...core.ordering import OrderFilter, PlacedOrder
from ...core.payments import Payment, PaymentFilter
from .orders import Orders
from .payments import Payments
from .storage import Storage
from .surroundings import Surroundings

_log = structlog.get_logger()


@frozen
class Customers:
    """Every use case of customers."""

    register_customer: RegisterCustomer
    change_customer: ChangeCustomer
    erase_customer: EraseCustomer
    find_customer: FindCustomer
    list_customers: ListCustomers
    summarize_customer: SummarizeCustomer


def customers_of(
    storage: Storage, surroundings: Surroundings, payments: Payments, orders: Orders
) -> Customers:
    """The use cases of customers."""
    find_customer = FindCustomer(storage.customers)
    begin, clock = storage.begin, surroundings.clock
    return Customers(
        register_customer=RegisterCustomer(begin, registration_form(clock), clock, surroundings.new_id),
        change_customer=ChangeCustomer(begin, change_form(clock), clock),
        erase_customer=EraseCustomer(begin, clock),
        find_customer=find_customer,
        list_customers=ListCustomers(storage.customers),
        summarize_customer=SummarizeCustomer(find_customer, _sources(payments, orders), _tell_missed),
    )


def _sources(payments: Payments, orders: Orders) -> Mapping[str, SummarySource]:
    """What a summary shows beside the customer, by the names that its answer has for it."""

    async def latest_payments(principal: Principal, customer_id: CustomerId) -> Sequence[Payment]:
        of_customer = PaymentFilter(customer_id=customer_id)
        return (await payments.list_payments(principal, of_customer, PageRequest())).items

    async def latest_orders(principal: Principal, customer_id: CustomerId) -> Sequence[PlacedOrder]:
        of_customer = OrderFilter(customer_id=customer_id)
        return (await orders.list_orders(principal, of_customer, PageRequest())).found.items

    return {"payments": latest_payments, "orders": latest_orders}


def _tell_missed(part: str, error: Exception) -> None:
    _log.warning("part of a summary unavailable", part=part, exc_info=error)
