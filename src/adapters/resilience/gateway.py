"""A payment gateway behind a guard."""

from attrs import frozen

from ...core.kernel import Money
from ...core.payments import (
    Authorization,
    Captured,
    CardDetails,
    CardToken,
    Declined,
    GatewayRecord,
    PaymentGateway,
    Refunded,
    Voided,
)
from ...core.resilience import Effect
from .guard import Guard


@frozen
class GuardedGateway:
    """
    Another `PaymentGateway`, asked through *guard*.

    Each attempt at a call is made under the one key that the caller gave; a card that is tokenized twice moves nothing.
    """

    gateway: PaymentGateway
    guard: Guard

    async def tokenize(self, card: CardDetails, *, is_kept: bool = False) -> CardToken | Declined:
        return await self.guard("tokenize", Effect.NONE, lambda: self.gateway.tokenize(card, is_kept=is_kept))

    async def authorize(self, key: str, token: CardToken, amount: Money) -> Authorization | Declined:
        return await self.guard("authorize", Effect.KEYED, lambda: self.gateway.authorize(key, token, amount))

    async def capture(self, key: str, authorization_id: str, amount: Money) -> Captured | Declined:
        return await self.guard(
            "capture", Effect.KEYED, lambda: self.gateway.capture(key, authorization_id, amount)
        )

    async def void(self, key: str, authorization_id: str) -> Voided | Declined:
        return await self.guard("void", Effect.KEYED, lambda: self.gateway.void(key, authorization_id))

    async def refund(self, key: str, authorization_id: str, amount: Money) -> Refunded | Declined:
        return await self.guard(
            "refund", Effect.KEYED, lambda: self.gateway.refund(key, authorization_id, amount)
        )

    async def look_up(self, authorization_key: str) -> GatewayRecord | None:
        return await self.guard("look_up", Effect.NONE, lambda: self.gateway.look_up(authorization_key))

    async def health(self) -> None:
        # Whoever asks how it is wants to be told what is, so neither a circuit nor another try comes in between.
        await self.gateway.health()
