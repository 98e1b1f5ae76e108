"""A business that takes orders and fulfils them, in memory: what a worker does is done when the test says so."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from attrs import define, evolve, field

from quayside.adapters.memory import MemoryStore
from quayside.adapters.system import entropy
from quayside.core.eventlog import (
    DeliverySurroundings,
    EventSourced,
    ExternalDelivery,
    RecordedEvent,
    Recorder,
    StreamId,
    TransactionalDelivery,
    filling,
)
from quayside.core.fulfilment import (
    OPEN_SAGAS,
    ORDER_FULFILMENT,
    OpenSagaProjection,
    OrderFulfilment,
    Saga,
    order_fulfilment,
    saga_timers,
)
from quayside.core.inventory import ReleaseReservation, ReservationId, ReserveStock
from quayside.core.kernel import QuaysideError, UserId, Uuid7Factory, ValidationFailedError
from quayside.core.kernel.validation import Form
from quayside.core.ordering import ORDER, ORDER_CATEGORY, Cancel, Order, OrderPlaced, Place
from quayside.core.payments import (
    CardRequest,
    Declined,
    GatewayOutcomeUnknownError,
    GatewayUnreachableError,
    Payment,
    PaymentGateway,
    PaymentId,
    RegisterCard,
    registration_form,
)
from quayside.core.resilience import turn_to_ask

from .business import Business
from .orders import a_line, an_order_placed
from .payments import A_CUSTOMER, APPROVED, a_card
from .stock import StockRoom

ADA = UserId(UUID(int=0xADA))
CHANCE = 0.5


@define(eq=False)
class MoodyGateway:
    """
    A gateway whose calls may come to nothing, or whose answers may be lost.

    Args:
        moods: By the name of a call: ``unreachable``, ``declined``, ``answer_lost``, ``another_amount``; what is not
            there is well.
        calls: How often each call did something.
        before: Awaited before each call.
    """

    _gateway: PaymentGateway
    moods: dict[str, str] = field(factory=dict)
    calls: Counter[str] = field(factory=Counter)
    before: Callable[[str], Awaitable[object]] | None = None

    def __getattr__(self, name: str) -> Any:
        reached = getattr(self._gateway, name)
        if name not in {"authorize", "capture", "void", "refund"}:
            return reached

        async def call(*arguments: Any) -> Any:
            if self.before:
                await self.before(name)
            if self.moods.get(name) == "unreachable":
                raise GatewayUnreachableError("a test wants it so")
            if self.moods.get(name) == "declined":
                return Declined("a_test_wants_it_so", "A test wants it so.")
            self.calls[name] += 1
            async with turn_to_ask():
                answer = await reached(*arguments)
            if self.moods.get(name) == "answer_lost":
                raise GatewayOutcomeUnknownError("a test wants it so")
            if self.moods.get(name) == "another_amount":
                return evolve(answer, amount=answer.amount + answer.amount)
            return answer

        return call


@define(eq=False)
class FickleForm:
    """The rules of payments, which may change under way."""

    _form: Form
    refuses: bool = False

    def check(self, request: object) -> None:
        if self.refuses:
            raise ValidationFailedError([])
        self._form.check(request)


@define(eq=False)
class House:
    """Orders of vases, of which the warehouse in Leeds has ten."""

    business: Business = field(factory=Business)
    gateway: MoodyGateway = field(init=False)
    form: FickleForm = field(init=False)
    stock: StockRoom = field(init=False)
    orders: EventSourced[Any, Any, Order] = field(init=False)
    fulfilment: OrderFulfilment = field(init=False)
    recorder: Recorder = field(init=False)
    _work: ExternalDelivery[Any] | None = field(default=None, init=False)
    _filling: TransactionalDelivery[Any] | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        business, clock = self.business, self.business.clock
        self.gateway = MoodyGateway(business.gateway)
        gateway = cast("PaymentGateway", self.gateway)
        self.form = FickleForm(business.process_payment.rules)
        self.recorder = Recorder(clock, Uuid7Factory(clock, entropy))
        self.stock = StockRoom(self.store, clock)
        self.orders = EventSourced(ORDER_CATEGORY, ORDER, self.recorder)
        self.fulfilment = order_fulfilment(
            begin=self.store.begin,
            events=self.store.events,
            recorder=self.recorder,
            chance=lambda: CHANCE,
            process_payment=evolve(business.process_payment, gateway=gateway, rules=cast("Form", self.form)),
            capture_payment=evolve(business.capture_payment, gateway=gateway),
            cancel_payment=evolve(business.cancel_payment, gateway=gateway),
            refund_payment=evolve(business.refund_payment, gateway=gateway),
            reserve_stock=ReserveStock(self.store.reservations, clock),
            release_reservation=ReleaseReservation(self.store.reservations, clock),
        )

    @property
    def store(self) -> MemoryStore:
        return self.business.store

    async def opens(self) -> None:
        await self.stock.has_in("LEEDS", **{"BLUE-VASE": 10})
        generation = await self.store.generations.build(OPEN_SAGAS, 1)
        lease = await self.store.subscriptions.acquire(generation.subscription, "a worker", 10**6)
        assert lease
        assert await self.store.generations.go_live(generation, lease)
        keeping = filling(OpenSagaProjection([ORDER_FULFILMENT]), generation)
        self._filling = TransactionalDelivery(keeping, lease, self._surroundings)
        work = await self.store.subscriptions.acquire(self.subscription.name, "a worker", 10**6)
        assert work
        self._work = ExternalDelivery(self.subscription, work, self._surroundings)

    @property
    def subscription(self) -> Any:
        return self.fulfilment.subscription

    @property
    def _surroundings(self) -> DeliverySurroundings[Any]:
        return DeliverySurroundings(
            begin=self.store.begin,
            follower=self.store.follower,
            reader=self.store.events,
            deferred=self.store.deferred_events,
            clock=self.business.clock,
            chance=lambda: CHANCE,
        )

    async def places(self, card: str = APPROVED, quantity: int = 1, **changes: Any) -> UUID:
        """An order by Ada, who pays with *card*."""
        form = registration_form(self.business.clock)
        register = RegisterCard(self.store.begin, self.business.gateway, form, self.business.clock, uuid4)
        request = CardRequest(customer_id=A_CUSTOMER, paying_card_details=a_card(card))
        registered = await register(request, created_by=ADA)
        placed: OrderPlaced = an_order_placed(
            a_line(quantity=quantity), customer_id=A_CUSTOMER, created_by=ADA, **changes
        )
        order_id = self.recorder.new_id()
        await self.orders.execute(self.store.begin, order_id, Place(evolve(placed, card_id=registered.id)))
        return order_id

    async def cancels(self, order_id: UUID) -> None:
        """Ada has had enough."""
        await self.orders.execute(self.store.begin, order_id, Cancel(by=ADA))

    async def works(self) -> None:
        """Everything that can be done now is done."""
        assert self._work
        position = -1
        while self._work.position != position or self._work.in_hand:
            position = self._work.position
            await self._work.step()
            if self._work.in_hand:
                await asyncio.wait(self._work.in_hand, return_when=asyncio.FIRST_COMPLETED)
        far = self.business.clock() + timedelta(days=1)
        failed = await self.store.deferred_events.due(self.subscription.name, far)
        assert not failed, failed

    async def works_once(self) -> bool:
        """One event is answered; tell whether there was one."""
        wanted = [each for each in await self.recorded() if self.subscription.of.lets_through(each)]
        done = self._answered
        if done >= len(wanted):
            return False
        self._answered += 1
        await self.subscription.handle(wanted[done])
        return True

    _answered: int = field(default=0, init=False)

    async def passes(self, seconds: float) -> None:
        """Time goes by, and whatever is due then is done."""
        self.business.clock.advance(timedelta(seconds=seconds))
        await self.looks_at_the_clock()
        await self.works()

    async def settles(self) -> None:
        """Payments that are open are settled, as their own worker does."""
        for payment in await self.business.payments():
            if payment.awaits_gateway:
                with suppress(QuaysideError):
                    await self.business.settle_payment(payment.id, grace_is_over=True)

    async def looks_at_the_clock(self) -> None:
        """Sagas that are due are woken."""
        assert self._filling
        position = -1
        while self._filling.position != position:
            position = self._filling.position
            await self._filling.step()
        await saga_timers(self.fulfilment.runner, self.store.open_sagas)()

    async def order(self, order_id: UUID) -> Order:
        return (await self.orders.load(self.store.events, order_id)).state

    async def saga(self, order_id: UUID) -> Saga:
        return await self.fulfilment.runner.load(order_id)

    async def payment(self, order_id: UUID) -> Payment:
        saga = await self.saga(order_id)
        return await self.store.payments.get(PaymentId(saga.keys["authorize"]))

    async def story(self, order_id: UUID) -> list[str]:
        """What happened to the order's saga."""
        recorded = await self.store.events.read_stream(StreamId(ORDER_FULFILMENT.category, order_id))
        return [each.event.type_name() for each in recorded]

    async def recorded(self) -> list[RecordedEvent]:
        return [*await self.store.events.read_all(limit=100_000)]

    async def reserved(self) -> int:
        """How many vases are kept for somebody."""
        return (await self.stock.level("BLUE-VASE", "LEEDS"))[1]

    async def is_kept(self, order_id: UUID) -> bool:
        """Whether vases are kept for the order."""
        reservation = await self.store.reservations.find(ReservationId(order_id))
        return reservation is not None and reservation.status.value == "Held"

    async def charged(self) -> int:
        """What all payments come to, in pennies: what the gateway has, which is what the payments say."""
        total = 0
        for payment in await self.business.payments():
            record = await self.gateway.look_up(f"{payment.id}/authorize")
            if record is not None:
                total += record.captured.minor - record.refunded.minor
        return total
