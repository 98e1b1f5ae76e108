"""What is sent and answered about payments."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from pydantic import Field

from ...core.kernel import CustomerId
from ...core.kernel.validation import Form
from ...core.payments import (
    CardBrand,
    Payment,
    PaymentFailure,
    PaymentRequest,
    PaymentStatus,
)
from ..composition import Application
from .answer_models import EXAMPLE_TIME, EXAMPLE_USER_ID, AnswerModel, told
from .idempotency_keys import KeyedRequest
from .lists import ListResponse
from .models import Amount, Uuid
from .paying_details import AddressDetails, PayingCardDetails
from .resources import ApiResponse, Resource


class CreatePaymentRequest(KeyedRequest):
    """A payment to be taken."""

    amount: Amount = Field(
        description="0.01-10,000.00, read exactly, with no more decimals than the currency has.",
        examples=["19.99"],
        json_schema_extra={"oneOf": None, "type": ["string", "number"], "pattern": r"^\d+(\.\d+)?$"},
    )
    currency: str = Field(description="ISO 4217.", examples=["GBP"])
    card_id: str = Field(
        description="The caller's own name for the card, or the id of one that they registered.",
        examples=["card-1"],
        json_schema_extra={"minLength": 1, "maxLength": 50},
    )
    customer_id: Uuid = Field(examples=["0192d3a4-7c1e-7b7a-8a3e-2f1d4c5b6a79"])
    description: str | None = Field(
        default=None, examples=["Two tickets"], json_schema_extra={"maxLength": 500}
    )
    metadata: dict[str, Any] | None = Field(
        default=None, description="Any object of at most 50 keys and 16 KiB.", examples=[{"order": 7}]
    )
    capture: bool = Field(
        default=True, description="Whether to take the money at once; else it is only held."
    )
    address_details: AddressDetails | None = Field(
        default=None, description="May be left out where `card_id` is a registered card of the caller's."
    )
    paying_card_details: PayingCardDetails | None = Field(default=None, description="The same.")

    @classmethod
    def rules(cls, application: Application) -> Form:
        return application.payments.process_payment.rules

    def to_domain(self) -> PaymentRequest:
        address, card = self.address_details, self.paying_card_details
        return PaymentRequest(
            amount=self.amount,
            currency=self.currency,
            card_id=self.card_id,
            customer_id=CustomerId(self.customer_id),
            address_details=address.to_domain() if address else None,
            paying_card_details=card.to_domain() if card else None,
            description=self.description,
            metadata=self.metadata,
            capture=self.capture,
        )


class FailureResponse(AnswerModel):
    """Why a payment failed."""

    code: str
    message: str

    @classmethod
    def of(cls, failure: PaymentFailure) -> "FailureResponse":
        return cls(failure.code, failure.message)

    @classmethod
    def example(cls) -> "FailureResponse":
        return cls("insufficient_funds", "The card was declined.")


class PaymentResponse(Resource, AnswerModel, kw_only=True):
    """A payment: what was asked for, and what became of it."""

    id: UUID
    status: PaymentStatus
    amount: Annotated[str, told("With exactly the decimals of its currency, as all amounts here.")]
    currency: str
    customer_id: UUID
    card_id: str
    card_last4: str
    card_brand: CardBrand
    description: str | None
    metadata: Annotated[msgspec.Raw, told("As it was sent.", type="object")]
    captured_amount: Annotated[str, told("What was taken.")]
    refunded_amount: Annotated[str, told("What of that was given back.")]
    failure: Annotated[FailureResponse | None, told("Why it is `Failed`.")]
    needs_attention: Annotated[
        bool, told("Whether a person has to look; nothing is done with it until then.")
    ]
    created_by: Annotated[UUID | None, told("The account that asked for it.")]
    created_at: datetime
    processed_at: Annotated[datetime | None, told("When its state became final.")]
    version: Annotated[int, told("One more after each change; what `ETag` is made of.")]

    @classmethod
    def example(cls) -> "PaymentResponse":
        return cls(
            id=UUID("0192d3a4-7c1e-7b7a-8a3e-2f1d4c5b6a78"),
            status=PaymentStatus.COMPLETED,
            amount="19.99",
            currency="GBP",
            customer_id=UUID("0192d3a4-7c1e-7b7a-8a3e-2f1d4c5b6a79"),
            card_id="card-1",
            card_last4="4242",
            card_brand=CardBrand.VISA,
            description="Two tickets",
            metadata=msgspec.Raw(b'{"order":7}'),
            captured_amount="19.99",
            refunded_amount="0.00",
            failure=None,
            needs_attention=False,
            created_by=EXAMPLE_USER_ID,
            created_at=EXAMPLE_TIME,
            processed_at=EXAMPLE_TIME,
            version=3,
        )

    @classmethod
    def example_of_pending(cls) -> "PaymentResponse":
        """One of which the gateway has said nothing yet."""
        return msgspec.structs.replace(
            cls.example(), status=PaymentStatus.PENDING, captured_amount="0.00", processed_at=None, version=1
        )

    @classmethod
    def example_of_held(cls) -> "PaymentResponse":
        """One whose capture the gateway has said nothing of yet."""
        return msgspec.structs.replace(cls.example_of_pending(), status=PaymentStatus.PROCESSING, version=3)

    @classmethod
    def of(cls, payment: Payment) -> "PaymentResponse":
        return cls(
            id=payment.id,
            status=payment.status,
            amount=payment.amount.amount_text,
            currency=payment.amount.currency,
            customer_id=payment.customer_id,
            card_id=payment.card_id,
            card_last4=payment.card_last4,
            card_brand=payment.card_brand,
            description=payment.description,
            metadata=msgspec.Raw(_EXACT.encode(payment.metadata)),
            captured_amount=payment.captured.amount_text,
            refunded_amount=payment.refunded.amount_text,
            failure=FailureResponse.of(payment.failure) if payment.failure else None,
            needs_attention=payment.needs_attention,
            created_by=payment.created_by,
            created_at=payment.created_at,
            processed_at=payment.processed_at,
            version=payment.version,
        )


def status_of(payment: Payment, *, done: int = 201) -> int:
    """What a payment is answered with to who asked for it: 202 where it is not known yet what becomes of it."""
    return 202 if payment.awaits_gateway or payment.needs_attention else done


def answer_of(payment: Payment, *, done: int) -> ApiResponse[PaymentResponse]:
    """The answer to a step of *payment*, with status *done* once that is done."""
    return ApiResponse(
        PaymentResponse.of(payment),
        status_code=status_of(payment, done=done),
        headers={"Location": f"/api/v1/payments/{payment.id}"},
    )


class PaymentListResponse(ListResponse[PaymentResponse]):
    """One page of payments, newest first."""

    data: list[PaymentResponse]  # said again for the API's description, which follows no type variable

    @classmethod
    def example(cls) -> "PaymentListResponse":
        return cls.only(PaymentResponse.example())


_EXACT = msgspec.json.Encoder(decimal_format="number")
