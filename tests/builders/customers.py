"""Customers, saying only what the test is about."""

from datetime import date
from itertools import count
from typing import Any
from uuid import UUID

from quayside.core.customers import Customer, CustomerRegistered
from quayside.core.kernel import CustomerId

from .members import V1
from .payments import NOON

CUSTOMERS = f"{V1}/customers"

_serial = count(1)


def a_customer(**changes: Any) -> tuple[Customer, CustomerRegistered]:
    """A customer who was just registered, and the event that says so; each has an id greater than the one before."""
    values: dict[str, Any] = {
        "id": CustomerId(UUID(int=(0x0190_0000_0000_7000_A000 << 48) + next(_serial))),
        "email": "ada@example.com",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "phone_number": "+442079460958",
        "date_of_birth": date(1990, 2, 28),
        "created_by": None,
        "created_at": NOON,
        "updated_at": NOON,
    }
    customer = Customer(**values | changes)
    return customer, customer.registered()


def a_customer_body(**changes: Any) -> dict[str, Any]:
    """A customer to be registered, as JSON."""
    body = {
        "email": "ada@example.com",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "phone_number": "+442079460958",
        "date_of_birth": "1990-02-28",
    }
    return body | changes
