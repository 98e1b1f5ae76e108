"""Storage that is away when a payment is to be saved."""

from attrs import define

from quayside.core.eventlog import Event
from quayside.core.kernel import QuaysideError, UnavailableError
from quayside.core.payments import Cardholder, CommittedPayments, Payment, PaymentId

AWAY = UnavailableError("The database cannot answer now.")


@define(eq=False)
class FailingPayments:
    """
    Committed payments that can be saved so often, and then not any more.

    Args:
        saves: How often.
        trouble: What is raised afterwards.
    """

    payments: CommittedPayments
    saves: int
    trouble: QuaysideError = AWAY

    async def get(self, payment_id: PaymentId) -> Payment:
        return await self.payments.get(payment_id)

    async def save(self, payment: Payment, *events: Event, holder: Cardholder | None = None) -> None:
        if not self.saves:
            raise self.trouble
        self.saves -= 1
        await self.payments.save(payment, *events, holder=holder)
