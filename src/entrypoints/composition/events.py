"""Which events there are, of all contexts together."""

from ...core import catalogue, customers, fulfilment, identity, inventory, ordering, payments
from ...core.eventlog import EventRegistry

EVENTS = EventRegistry(
    (
        *payments.EVENTS,
        *customers.EVENTS,
        *catalogue.EVENTS,
        *identity.EVENTS,
        *inventory.EVENTS,
        *ordering.EVENTS,
        *fulfilment.EVENTS,
    ),
    ordering.UPCASTERS,
)
"""Every event that is stored, in today's and in every older form."""
