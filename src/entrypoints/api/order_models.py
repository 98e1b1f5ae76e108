"""What is sent and answered about orders."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from ...core.kernel import CustomerId
from ...core.kernel.validation import Form
from ...core.ordering import (
    FailureReason,
    OrderItem,
    OrderLine,
    OrderPlaced,
    OrderRequest,
    OrderStatus,
    PaymentMeans,
    PlacedOrder,
    Quote,
    StepRequest,
)
from ...core.payments import Address
from ..composition import Application
from .answer_models import EXAMPLE_TIME, EXAMPLE_USER_ID, AnswerModel, told
from .entity_tags import entity_tag
from .idempotency_keys import KeyedRequest
from .lists import ListResponse
from .models import Amount, BodyModel, RequestModel, Uuid
from .paying_details import AddressDetails, PayingCardDetails
from .resources import Resource

_AN_ORDER, _A_CUSTOMER, _A_PAYMENT = (
    UUID(f"0192d3a4-7c1e-7b7a-8a3e-2f1d4c5b6a{end}") for end in ("80", "79", "78")
)


class OrderItemBody(BodyModel):
    """So many of one product."""

    sku: str = Field(examples=["TEAPOT-1"], json_schema_extra={"minLength": 1, "maxLength": 64})
    quantity: int = Field(examples=[2], json_schema_extra={"minimum": 1, "maximum": 1000})


class PaymentMeansBody(BodyModel):
    """What pays: a card that the caller registered, or one as it was typed; one of the two."""

    card_id: str | None = Field(
        default=None,
        description="The id of a card that the caller registered.",
        examples=["0192d3a4-7c1e-7b7a-8a3e-2f1d4c5b6a7c"],
        json_schema_extra={"minLength": 1, "maxLength": 50},
    )
    paying_card_details: PayingCardDetails | None = Field(
        default=None, description="Registered for the order, and known by its id from then on."
    )

    @classmethod
    def example(cls) -> dict[str, object]:
        return {"card_id": cls.model_fields["card_id"].examples[0]}  # type: ignore[index]  # given above


class QuoteOrderRequest(RequestModel):
    """What is to be ordered."""

    customer_id: Uuid = Field(examples=[str(_A_CUSTOMER)])
    items: list[OrderItemBody] = Field(
        description="Lines of one sku stay apart.",
        examples=[[{"sku": "TEAPOT-1", "quantity": 2}]],
        json_schema_extra={"minItems": 1, "maxItems": 100},
    )
    delivery_address: AddressDetails
    discount_percentage: Amount | None = Field(
        default=None,
        description="0-100, of the whole order, after all other discounts; takes `orders:manage`.",
        json_schema_extra={
            "oneOf": None,
            "type": ["string", "number", "null"],
            "pattern": r"^\d+(\.\d+)?$",
        },
    )
    payment: PaymentMeansBody

    @classmethod
    def rules(cls, application: Application) -> Form:
        return application.orders.quote_order.rules

    def to_domain(self) -> OrderRequest:
        card = self.payment.paying_card_details
        return OrderRequest(
            customer_id=CustomerId(self.customer_id),
            items=[OrderItem(item.sku, item.quantity) for item in self.items],
            delivery_address=self.delivery_address.to_domain(),
            discount_percentage=self.discount_percentage,
            payment=PaymentMeans(
                card_id=self.payment.card_id, paying_card_details=card.to_domain() if card else None
            ),
        )


class PlaceOrderRequest(QuoteOrderRequest, KeyedRequest):
    """An order to be placed."""


class OrderStepRequest(KeyedRequest):
    """What is said about a step."""

    reason: str | None = Field(
        default=None,
        description="For people; erased with the customer.",
        examples=["Changed my mind"],
        json_schema_extra={"maxLength": 500},
    )

    @classmethod
    def rules(cls, application: Application) -> Form:
        return application.orders.step_rules

    def to_domain(self) -> StepRequest:
        return StepRequest(reason=self.reason)


class AddressResponse(AnswerModel, kw_only=True):
    """A postal address in the United Kingdom."""

    house_number: str
    house_name: str | None
    address_line1: str
    address_line2: str | None
    city: str
    postcode: str

    @classmethod
    def example(cls) -> "AddressResponse":
        return cls(
            house_number="221B",
            house_name=None,
            address_line1="Baker Street",
            address_line2=None,
            city="London",
            postcode="NW1 6XE",
        )

    @classmethod
    def of(cls, address: Address) -> "AddressResponse":
        return cls(**{name: getattr(address, name) for name in cls.__struct_fields__})


class OrderLineResponse(AnswerModel, kw_only=True):
    """One line of an order."""

    sku: str
    name: str
    unit_price: Annotated[str, told("Of one, before any discount.")]
    quantity: int
    discount_percentage: Annotated[str, told("The product's own.")]
    line_total: Annotated[str, told("Of all of them, net of every discount, before tax.")]

    @classmethod
    def example(cls) -> "OrderLineResponse":
        return cls(
            sku="TEAPOT-1",
            name="A teapot",
            unit_price="19.99",
            quantity=2,
            discount_percentage="0",
            line_total="39.98",
        )

    @classmethod
    def of(cls, line: OrderLine) -> "OrderLineResponse":
        return cls(
            sku=line.sku,
            name=line.name,
            unit_price=line.unit_price.amount_text,
            quantity=line.quantity,
            discount_percentage=line.discount_percentage.value_text,
            line_total=line.line_total.amount_text,
        )


_AMOUNTS = ("items_total", "discount_total", "shipping_cost", "tax_total", "total")


def figures_of(priced: OrderPlaced | Quote) -> dict[str, Any]:
    """What an order comes to, as it is told of an order and of a quote."""
    return {
        "items": [OrderLineResponse.of(line) for line in priced.items],
        **{name: getattr(priced, name).amount_text for name in _AMOUNTS},
        "currency": priced.total.currency,
        "warehouse": priced.warehouse,
    }


class OrderResponse(Resource, AnswerModel, kw_only=True):
    """An order: what was ordered at what price, and how far it is."""

    id: UUID
    customer_id: UUID
    status: OrderStatus
    items: list[OrderLineResponse]
    items_total: Annotated[str, told("Before any discount.")]
    discount_total: Annotated[str, told("What all discounts take off, together.")]
    shipping_cost: str
    tax_total: str
    total: Annotated[str, told("`items_total - discount_total + tax_total + shipping_cost`.")]
    currency: str
    warehouse: Annotated[str | None, told("From where it is sent; null if no warehouse had every line.")]
    payment_id: Annotated[UUID | None, told("What pays for it, once that was begun.")]
    failure_reason: Annotated[FailureReason | None, told("Why it is `Cancelled`, if nobody wanted it so.")]
    delivery_address: Annotated[AddressResponse | None, told("Null once the customer was erased.")]
    created_by: UUID
    created_at: datetime
    version: Annotated[int, told("One more after each change; what `ETag` is made of.")]

    @property
    def tag(self) -> str:
        """Another one once the address is erased, which no version tells of: whoever has it is not to keep it."""
        return entity_tag(self.version, *(() if self.delivery_address else ("erased",)))

    @classmethod
    def example(cls) -> "OrderResponse":
        return cls(
            id=_AN_ORDER,
            customer_id=_A_CUSTOMER,
            status=OrderStatus.CONFIRMED,
            items=[OrderLineResponse.example()],
            items_total="39.98",
            discount_total="0.00",
            shipping_cost="5.99",
            tax_total="0.00",
            total="45.97",
            currency="GBP",
            warehouse="LEEDS",
            payment_id=_A_PAYMENT,
            failure_reason=None,
            delivery_address=AddressResponse.example(),
            created_by=EXAMPLE_USER_ID,
            created_at=EXAMPLE_TIME,
            version=4,
        )

    @classmethod
    def of(cls, order: PlacedOrder) -> "OrderResponse":
        placed, address = order.placed, order.delivery_address
        return cls(
            id=order.id,
            customer_id=placed.customer_id,
            status=order.status,
            **figures_of(placed),
            payment_id=order.state.payment_id,
            failure_reason=order.state.failure_reason,
            delivery_address=AddressResponse.of(address) if address else None,
            created_by=placed.created_by,
            created_at=order.created_at,
            version=order.version,
        )


class OrderListResponse(ListResponse[OrderResponse]):
    """One page of orders, newest first."""

    data: list[OrderResponse]  # said again for the API's description, which follows no type variable

    @classmethod
    def example(cls) -> "OrderListResponse":
        return cls.only(OrderResponse.example())
