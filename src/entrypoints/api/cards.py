"""Routes for cards that are entered once and paid with again and again."""

from typing import Annotated
from uuid import UUID

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from pydantic import Field

from ...core.kernel import CustomerId, Permission
from ...core.kernel.validation import Form
from ...core.payments import Card, CardBrand, CardId, CardRequest
from ..composition import Application
from .access import allowed_to
from .answer_models import AnswerModel, told
from .documentation import refusals
from .idempotency_keys import KeyedRequest
from .models import Uuid
from .paying_details import PayingCardDetails
from .requests import ApiRequest
from .resources import ApiResponse


class RegisterCardRequest(KeyedRequest):
    """A card that is to be paid with again."""

    customer_id: Uuid = Field(examples=["0192d3a4-7c1e-7b7a-8a3e-2f1d4c5b6a79"])
    paying_card_details: PayingCardDetails

    @classmethod
    def rules(cls, application: Application) -> Form:
        return application.payments.register_card.rules

    def to_domain(self) -> CardRequest:
        return CardRequest(
            customer_id=CustomerId(self.customer_id), paying_card_details=self.paying_card_details.to_domain()
        )


class CardResponse(AnswerModel, kw_only=True):
    """What is kept of a card."""

    card_id: Annotated[UUID, told("What `POST /payments` takes in place of the details.")]
    customer_id: UUID
    brand: CardBrand
    last4: str
    expiry_month: int
    expiry_year: int

    @classmethod
    def example(cls) -> "CardResponse":
        return cls(
            card_id=UUID("0192d3a4-7c1e-7b7a-8a3e-2f1d4c5b6a7c"),
            customer_id=UUID("0192d3a4-7c1e-7b7a-8a3e-2f1d4c5b6a79"),
            brand=CardBrand.VISA,
            last4="4242",
            expiry_month=12,
            expiry_year=2040,
        )

    @classmethod
    def of(cls, card: Card) -> "CardResponse":
        return cls(
            card_id=card.id,
            customer_id=card.customer_id,
            brand=card.brand,
            last4=card.last4,
            expiry_month=card.expiry_month,
            expiry_year=card.expiry_year,
        )


@post(
    "/cards",
    access=allowed_to(Permission.PAYMENTS_CREATE),
    idempotent=True,
    summary="Register a card",
    tags=["payments"],
    responses=refusals(402, 413, 415, 502),
)
async def register_card(
    data: JSONBody[RegisterCardRequest], request: ApiRequest, operation_id: NamedDependency[UUID]
) -> ApiResponse[CardResponse]:
    """Exchange a card for the gateway's token, which stands for it from then on; its number and cvv are not kept."""
    card = await request.application.payments.register_card(
        data.to_domain(), card_id=CardId(operation_id), created_by=request.principal.user_id
    )
    return ApiResponse(CardResponse.of(card), status_code=201)


ROUTES = (register_card,)
