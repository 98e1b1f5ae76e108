"""A whole business in memory, driven through its use cases."""

from collections.abc import Awaitable, Callable
from itertools import count

from attrs import define, field

from quayside.adapters.memory import ManualClock, MemorySandboxBooks, MemoryStore
from quayside.adapters.sandbox import SandboxGateway
from quayside.core.kernel import PageRequest, Uuid7Factory
from quayside.core.payments import (
    DEFAULT_CURRENCIES,
    CancelPayment,
    CapturePayment,
    Payment,
    PaymentFilter,
    PaymentRequest,
    ProcessPayment,
    ReconcilePayments,
    RefundPayment,
    ResolveAttention,
    SettlePayment,
    payment_form,
)

from .events import OpenRecorder
from .payments import NOON


@define(eq=False)
class Business:
    """
    Everything there is, at noon.

    Args:
        while_slow: Called, and awaited, while the sandbox gateway takes its time.
    """

    clock: ManualClock = field(factory=lambda: ManualClock(NOON))
    while_slow: Callable[[], Awaitable[object]] | None = None
    store: MemoryStore = field(init=False)
    gateway: SandboxGateway = field(init=False)
    process_payment: ProcessPayment = field(init=False)
    settle_payment: SettlePayment = field(init=False)
    capture_payment: CapturePayment = field(init=False)
    cancel_payment: CancelPayment = field(init=False)
    refund_payment: RefundPayment = field(init=False)
    resolve_attention: ResolveAttention = field(init=False)
    reconcile_payments: ReconcilePayments = field(init=False)

    def __attrs_post_init__(self) -> None:
        serial = count()
        new_id = Uuid7Factory(self.clock, lambda size: next(serial).to_bytes(size, "big"))
        self.store = MemoryStore(OpenRecorder(self.clock, new_id))
        self.gateway = SandboxGateway(MemorySandboxBooks(), self._pass_time)
        form = payment_form(DEFAULT_CURRENCIES, self.clock)
        begin, payments = self.store.begin, self.store.committed_payments
        self.settle_payment = SettlePayment(begin, payments, self.gateway, self.clock)
        self.capture_payment = CapturePayment(begin, payments, self.gateway, self.clock)
        self.cancel_payment = CancelPayment(begin, payments, self.gateway, self.clock)
        self.refund_payment = RefundPayment(begin, payments, self.gateway, self.clock)
        self.resolve_attention = ResolveAttention(begin, self.clock)
        self.reconcile_payments = ReconcilePayments(self.store.journal, self.gateway)
        self.process_payment = ProcessPayment(begin, payments, self.gateway, form, self.clock, new_id)

    async def take(self, request: PaymentRequest) -> Payment:
        """Take a payment."""
        return await self.process_payment(request)

    async def payments(self) -> tuple[Payment, ...]:
        """All payments, newest first."""
        page = await self.store.payments.list(PaymentFilter(), PageRequest(page_size=100))
        return page.items

    async def story_of(self, payment: Payment) -> list[str]:
        """The names of the payment's events, in order."""
        recorded = await self.store.events.read_stream(payment.stream)
        return [each.event.type_name() for each in recorded]

    async def _pass_time(self, _: float) -> None:
        if self.while_slow:
            await self.while_slow()
