"""What is sent and answered about what becomes of a payment: captured, cancelled, given back, summed up."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from ...core.kernel import Money
from ...core.kernel.validation import Form
from ...core.payments import CAPTURE, REFUND, CaptureRequest, Refund, RefundRequest, RefundStatus
from ..composition import Application
from .answer_models import EXAMPLE_TIME, AnswerModel, told
from .idempotency_keys import KeyedRequest
from .lists import ListResponse
from .models import Amount

_AMOUNT_SCHEMA: dict[str, Any] = {
    "oneOf": None,
    "type": ["string", "number"],
    "pattern": r"^\d+(\.\d+)?$",
}


class CapturePaymentRequest(KeyedRequest):
    """What is to be taken of what is held."""

    amount: Amount | None = Field(
        default=None,
        description="In the payment's currency; all of it, if it is left out. The rest is released.",
        examples=["19.99"],
        json_schema_extra=_AMOUNT_SCHEMA,
    )

    @classmethod
    def rules(cls, application: Application) -> Form:  # noqa: ARG003 - nobody can set these
        return CAPTURE

    def to_domain(self) -> CaptureRequest:
        return CaptureRequest(amount=self.amount)


class CancelPaymentRequest(KeyedRequest):
    """Nothing but a key."""

    @classmethod
    def rules(cls, application: Application) -> Form:  # noqa: ARG003 - there are none
        return Form()


class RefundPaymentRequest(KeyedRequest):
    """What is to be given back of what was captured."""

    amount: Amount | None = Field(
        default=None,
        description="In the payment's currency; all that is left, if it is left out.",
        examples=["5.00"],
        json_schema_extra=_AMOUNT_SCHEMA,
    )
    reason: str | None = Field(
        default=None, examples=["One ticket returned"], json_schema_extra={"maxLength": 500}
    )

    @classmethod
    def rules(cls, application: Application) -> Form:  # noqa: ARG003 - nobody can set these
        return REFUND

    def to_domain(self) -> RefundRequest:
        return RefundRequest(amount=self.amount, reason=self.reason)


class RefundResponse(AnswerModel, kw_only=True):
    """Part of what was captured, given back."""

    id: UUID
    payment_id: UUID
    amount: str
    currency: str
    reason: str | None
    status: Annotated[RefundStatus, told("`Failed` where the gateway refused.")]
    created_at: datetime

    @classmethod
    def example(cls) -> "RefundResponse":
        return cls(
            id=UUID("0192d3a4-7c1e-7b7a-8a3e-2f1d4c5b6a7b"),
            payment_id=UUID("0192d3a4-7c1e-7b7a-8a3e-2f1d4c5b6a78"),
            amount="5.00",
            currency="GBP",
            reason="One ticket returned",
            status=RefundStatus.SUCCEEDED,
            created_at=EXAMPLE_TIME,
        )

    @classmethod
    def of(cls, refund: Refund) -> "RefundResponse":
        return cls(
            id=refund.id,
            payment_id=refund.payment_id,
            amount=refund.amount.amount_text,
            currency=refund.amount.currency,
            reason=refund.reason,
            status=refund.status,
            created_at=refund.created_at,
        )


class RefundListResponse(ListResponse[RefundResponse]):
    """One page of refunds, newest first."""

    data: list[RefundResponse]  # said again for the API's description, which follows no type variable

    @classmethod
    def example(cls) -> "RefundListResponse":
        return cls.only(RefundResponse.example())


class TotalResponse(AnswerModel):
    """A sum in one currency."""

    amount: str
    currency: str

    @classmethod
    def of(cls, total: Money) -> "TotalResponse":
        return cls(total.amount_text, total.currency)


class TotalsResponse(AnswerModel):
    """What was captured less what was refunded, a sum a currency; those that are zero are left out."""

    totals: list[TotalResponse]

    @classmethod
    def example(cls) -> "TotalsResponse":
        return cls([TotalResponse("14.99", "GBP")])
