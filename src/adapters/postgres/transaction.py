"""One transaction of the database."""

from ...core.eventlog import EventCodec, Recorder
from ...core.kernel import FieldCipher
from .accounts import PostgresAccountRepository
from .audit import PostgresAuditTrail
from .cardholders import PostgresCardholderRepository
from .cards import PostgresCardRepository
from .checkpoints import PostgresCheckpoints
from .connection import Connection
from .customers import PostgresCustomerRepository
from .documents import PostgresDocuments
from .event_log import PostgresEventLog
from .idempotency_keys import PostgresKeptAnswers
from .journal import PostgresJournal
from .one_time_tokens import PostgresOneTimeTokenRepository
from .open_sagas import PostgresOpenSagas
from .order_particulars import PostgresParticularsRepository
from .order_summaries import PostgresOrderSummaries
from .payments import PostgresPaymentRepository
from .products import PostgresProductRepository
from .refunds import PostgresRefundRepository
from .reservations import PostgresReservationRepository
from .sessions import PostgresSessionRepository
from .stock import PostgresStockRepository
from .users import PostgresUserRepository


class PostgresTransaction:
    """
    Satisfies every context's ``Transaction``: one log, and a repository a context, on one connection.

    Args:
        connection: Inside a transaction that ``atomic`` ends.
        codec: Turns events into what is stored and back.
        recorder: Puts the events that repositories save into envelopes.
        cipher: Encrypts what is personal.
    """

    def __init__(
        self, connection: Connection, codec: EventCodec, recorder: Recorder, cipher: FieldCipher
    ) -> None:
        self.events = PostgresEventLog(connection, codec)
        self.payments = PostgresPaymentRepository(connection, self.events, recorder, cipher)
        self.accounts = PostgresAccountRepository(
            connection, self.events, recorder, PostgresJournal(connection)
        )
        self.cards = PostgresCardRepository(connection, self.events, recorder)
        self.refunds = PostgresRefundRepository(connection)
        self.cardholders = PostgresCardholderRepository(connection, cipher)
        self.customers = PostgresCustomerRepository(connection, self.events, recorder, cipher)
        self.products = PostgresProductRepository(connection, self.events, recorder)
        self.users = PostgresUserRepository(connection, self.events, recorder)
        self.sessions = PostgresSessionRepository(connection, self.events, recorder)
        self.one_time_tokens = PostgresOneTimeTokenRepository(connection)
        self.audit = PostgresAuditTrail(self.events, recorder)
        self.stock = PostgresStockRepository(connection, self.events, recorder)
        self.reservations = PostgresReservationRepository(connection, codec, recorder, self.events.appended)
        self.checkpoints = PostgresCheckpoints(connection)
        self.documents = PostgresDocuments(connection)
        self.open_sagas = PostgresOpenSagas(connection)
        self.order_summaries = PostgresOrderSummaries(connection)
        self.order_particulars = PostgresParticularsRepository(connection, cipher)
        self.personal_records = (self.cardholders, self.order_particulars, PostgresKeptAnswers(connection))
