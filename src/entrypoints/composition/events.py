"""Which events there are, of all contexts together."""

from ...core import identity, payments
from ...core.eventlog import EventRegistry

EVENTS = EventRegistry((*payments.EVENTS, *identity.EVENTS))
"""Every event that is stored, in today's and in every older form."""
