"""What was committed, in memory."""

from attrs import define, field

from ...core.payments import Payment, PaymentId
from .event_log import MemoryEventReader


@define(eq=False)
class CommittedState:
    """
    Everything the transactions of one store share: the log, and one dict a table.
    """

    log: MemoryEventReader = field(factory=MemoryEventReader, init=False)
    payments: dict[PaymentId, Payment] = field(factory=dict, init=False)
