"""What was committed, in memory."""

from asyncio import Lock
from datetime import datetime

from attrs import define, field

from ...core.catalogue import Product
from ...core.customers import Customer
from ...core.eventlog import DeferredEvent, EventId
from ...core.fulfilment import OpenSaga
from ...core.identity import OneTimeToken, Session, SessionId, User
from ...core.inventory import Reservation, ReservationId, StockLevel
from ...core.kernel import CustomerId, UserId
from ...core.ordering import OrderId, PlacedOrder
from ...core.payments import (
    Account,
    AccountId,
    Card,
    Cardholder,
    CardId,
    JournalEntry,
    Payment,
    PaymentId,
    Refund,
    RefundId,
)
from ...core.resilience import KeyUse
from .documents import DocumentKey
from .event_log import MemoryEventReader
from .generations import Generations
from .open_sagas import OpenSagaKey
from .order_particulars import ParticularsRow
from .order_summaries import SummaryKey
from .stock import LevelKey
from .subscriptions import DeferredKey, SubscriptionRow
from .users import Claim


@define(eq=False, repr=False)
class CommittedState:
    """
    Everything the transactions of one store share: the log, and one dict a table.
    """

    log: MemoryEventReader = field(factory=MemoryEventReader, init=False)
    payments: dict[PaymentId, Payment] = field(factory=dict, init=False)
    cards: dict[CardId, Card] = field(factory=dict, init=False)
    cardholders: dict[PaymentId, Cardholder] = field(factory=dict, init=False)
    refunds: dict[RefundId, Refund] = field(factory=dict, init=False)
    accounts: dict[AccountId, Account] = field(factory=dict, init=False)
    journal: dict[EventId, JournalEntry] = field(factory=dict, init=False)
    customers: dict[CustomerId, Customer] = field(factory=dict, init=False)
    products: dict[str, Product] = field(factory=dict, init=False)
    erased_customers: dict[CustomerId, datetime] = field(factory=dict, init=False)
    key_uses: dict[bytes, KeyUse] = field(factory=dict, init=False)
    users: dict[UserId, User] = field(factory=dict, init=False)
    name_claims: dict[Claim, UserId] = field(factory=dict, init=False)
    admin_lock: Lock = field(factory=Lock, init=False)
    sessions: dict[SessionId, Session] = field(factory=dict, init=False)
    one_time_tokens: dict[bytes, OneTimeToken] = field(factory=dict, init=False)
    stock_levels: dict[LevelKey, StockLevel] = field(factory=dict, init=False)
    stock_lock: Lock = field(factory=Lock, init=False)
    reservations: dict[ReservationId, Reservation] = field(factory=dict, init=False)
    subscriptions: dict[str, SubscriptionRow] = field(factory=dict, init=False)
    deferred_events: dict[DeferredKey, DeferredEvent] = field(factory=dict, init=False)
    generations: Generations = field(factory=Generations, init=False)
    documents: dict[DocumentKey, str] = field(factory=dict, init=False)
    open_sagas: dict[OpenSagaKey, OpenSaga] = field(factory=dict, init=False)
    order_summaries: dict[SummaryKey, PlacedOrder] = field(factory=dict, init=False)
    order_particulars: dict[OrderId, ParticularsRow] = field(factory=dict, init=False)
