"""What is sent and answered about customers."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from ...core.customers import PERSONAL, Customer, CustomerChanges, CustomerRequest, CustomerSummary
from ...core.kernel.validation import Form
from ..composition import Application
from .answer_models import EXAMPLE_TIME, EXAMPLE_USER_ID, AnswerModel, told
from .idempotency_keys import KeyedRequest
from .lists import ListResponse
from .models import RequestModel
from .order_models import OrderResponse
from .payment_models import PaymentResponse
from .resources import Resource

_NAME = "1-100 letters and their marks in any script, spaces, hyphens, apostrophes and full stops."


def _email(**more: Any) -> Any:
    return Field(
        description="Kept as typed; others may have the same.",
        examples=["ada@example.com"],
        json_schema_extra={"maxLength": 254},
        **more,
    )


def _name(example: str, **more: Any) -> Any:
    return Field(
        description=_NAME,
        examples=[example],
        json_schema_extra={"minLength": 1, "maxLength": 100},
        **more,
    )


def _phone_number() -> Any:
    return Field(
        default=None,
        description="In the form of E.164.",
        examples=["+442079460958"],
        json_schema_extra={"oneOf": None, "type": ["string", "null"], "pattern": r"^\+[1-9]\d{1,14}$"},
    )


def _date_of_birth(**more: Any) -> Any:
    return Field(
        description="Of somebody who is 18 to 120 years old today, in UTC.",
        examples=["1990-02-28"],
        json_schema_extra={"format": "date"},
        **more,
    )


class CreateCustomerRequest(KeyedRequest):
    """A customer to be registered."""

    email: str = _email()
    first_name: str = _name("Ada")
    last_name: str = _name("Lovelace")
    phone_number: str | None = _phone_number()
    date_of_birth: str = _date_of_birth()

    @classmethod
    def rules(cls, application: Application) -> Form:
        return application.customers.register_customer.rules

    def to_domain(self) -> CustomerRequest:
        return CustomerRequest(
            email=self.email,
            first_name=self.first_name,
            last_name=self.last_name,
            phone_number=self.phone_number,
            date_of_birth=self.date_of_birth,
        )


class ChangeCustomerRequest(RequestModel):
    """What is said anew of a customer; what is left out stays, and null takes the phone number away."""

    # What stands here if a field is left out is never looked at.
    email: str = _email(default_factory=str)
    first_name: str = _name("Ada", default_factory=str)
    last_name: str = _name("King", default_factory=str)
    phone_number: str | None = _phone_number()
    date_of_birth: str = _date_of_birth(default_factory=str)

    @classmethod
    def rules(cls, application: Application) -> Form:
        return application.customers.change_customer.rules

    def to_domain(self) -> CustomerChanges:
        # The model has the same fields, which no type checker can tell.
        changes: CustomerChanges = self.model_dump(include=self.model_fields_set)  # type: ignore[assignment]
        return changes


class CustomerResponse(Resource, AnswerModel, kw_only=True):
    """A customer."""

    id: UUID
    email: str
    first_name: str
    last_name: str
    phone_number: Annotated[str | None, told("In the form of E.164.")]
    date_of_birth: date
    created_by: Annotated[UUID | None, told("The account that registered them.")]
    created_at: datetime
    updated_at: datetime
    version: Annotated[int, told("One more after each change; what `ETag` is made of.")]

    @classmethod
    def example(cls) -> "CustomerResponse":
        return cls(
            id=UUID("0192d3a4-7c1e-7b7a-8a3e-2f1d4c5b6a79"),
            email="ada@example.com",
            first_name="Ada",
            last_name="Lovelace",
            phone_number="+442079460958",
            date_of_birth=date(1990, 2, 28),
            created_by=EXAMPLE_USER_ID,
            created_at=EXAMPLE_TIME,
            updated_at=EXAMPLE_TIME,
            version=1,
        )

    @classmethod
    def of(cls, customer: Customer) -> "CustomerResponse":
        return cls(
            id=customer.id,
            **{name: getattr(customer, name) for name in PERSONAL},
            created_by=customer.created_by,
            created_at=customer.created_at,
            updated_at=customer.updated_at,
            version=customer.version,
        )


class CustomerListResponse(ListResponse[CustomerResponse]):
    """One page of customers, newest first."""

    data: list[CustomerResponse]  # said again for the API's description, which follows no type variable

    @classmethod
    def example(cls) -> "CustomerListResponse":
        return cls.only(CustomerResponse.example())


class CustomerSummaryResponse(AnswerModel, kw_only=True):
    """A customer, and what has to do with them: the latest 20 of each kind that the caller may see."""

    customer: CustomerResponse
    payments: list[PaymentResponse]
    orders: list[OrderResponse]
    unavailable: Annotated[list[str], told("Which of the others could not be had in time, and are empty.")]

    @classmethod
    def example(cls) -> "CustomerSummaryResponse":
        return cls(
            customer=CustomerResponse.example(),
            payments=[PaymentResponse.example()],
            orders=[OrderResponse.example()],
            unavailable=[],
        )

    @classmethod
    def of(cls, summary: CustomerSummary) -> "CustomerSummaryResponse":
        return cls(
            customer=CustomerResponse.of(summary.customer),
            payments=[PaymentResponse.of(payment) for payment in summary.parts.get("payments", ())],
            orders=[OrderResponse.of(order) for order in summary.parts.get("orders", ())],
            unavailable=list(summary.unavailable),
        )
