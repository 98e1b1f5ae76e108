"""Who buys: the use cases of customers, put together."""

from attrs import frozen

from ...core.customers import (
    ChangeCustomer,
    EraseCustomer,
    FindCustomer,
    ListCustomers,
    RegisterCustomer,
    change_form,
    registration_form,
)
from .storage import Storage
from .surroundings import Surroundings


@frozen
class Customers:
    """Every use case of customers."""

    register_customer: RegisterCustomer
    change_customer: ChangeCustomer
    erase_customer: EraseCustomer
    find_customer: FindCustomer
    list_customers: ListCustomers


def customers_of(storage: Storage, surroundings: Surroundings) -> Customers:
    """The use cases of customers."""
    begin, clock = storage.begin, surroundings.clock
    return Customers(
        register_customer=RegisterCustomer(begin, registration_form(clock), clock, surroundings.new_id),
        change_customer=ChangeCustomer(begin, change_form(clock), clock),
        erase_customer=EraseCustomer(begin, clock),
        find_customer=FindCustomer(storage.customers),
        list_customers=ListCustomers(storage.customers),
    )
