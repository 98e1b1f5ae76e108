"""What is said of a customer: plain values, not yet checked by any rule."""

from datetime import date
from typing import TypedDict

from attrs import field, frozen


@frozen(kw_only=True)
class CustomerRequest:
    """
    Somebody who is to be registered.

    Args:
        phone_number: In the form of E.164: ``+442079460958``.
        date_of_birth: A date, or its text: ``1990-02-28``.
    """

    email: str = field(repr=False)
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    phone_number: str | None = field(default=None, repr=False)
    date_of_birth: str | date = field(repr=False)


class CustomerChanges(TypedDict, total=False):
    """What is said anew of a customer; what is left out stays. Only a phone number can be taken away, by None."""

    email: str
    first_name: str
    last_name: str
    phone_number: str | None
    date_of_birth: str | date
