"""One transaction of the database."""

from ...core.eventlog import EventCodec, Recorder
from .connection import Connection
from .event_log import PostgresEventLog
from .payments import PostgresPaymentRepository


class PostgresTransaction:
    """
    Satisfies every context's ``Transaction``: one log, and a repository a context, on one connection.

    Args:
        connection: Inside a transaction that ``atomic`` ends.
        codec: Turns events into what is stored and back.
        recorder: Puts the events that repositories save into envelopes.
    """

    def __init__(self, connection: Connection, codec: EventCodec, recorder: Recorder) -> None:
        self.events = PostgresEventLog(connection, codec)
        self.payments = PostgresPaymentRepository(connection, self.events, recorder)
