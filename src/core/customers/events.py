"""What happens to customers. Ids, times and names of fields only: an event is for ever, and what is personal is not."""

from datetime import datetime

from attrs import frozen

from ..eventlog import Event
from ..kernel import CustomerId


@frozen
class CustomerRegistered(Event):
    """Somebody is a customer from now on."""

    customer_id: CustomerId
    at: datetime


@frozen
class CustomerChanged(Event):
    """
    Something else is said of a customer than before.

    Args:
        fields: Which of the personal fields; not what stands in them.
    """

    customer_id: CustomerId
    fields: tuple[str, ...]
    at: datetime


@frozen
class CustomerErased(Event):
    """Nothing personal is known of a customer any more, anywhere; what they did keeps the id."""

    customer_id: CustomerId
    at: datetime


EVENTS: tuple[type[Event], ...] = (CustomerRegistered, CustomerChanged, CustomerErased)
"""Every event of this context, for the registry."""
