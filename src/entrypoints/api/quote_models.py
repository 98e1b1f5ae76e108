"""What is answered about the price of an order."""

from typing import Annotated

from ...core.ordering import Adjustment, AdjustmentKind, Quote
from .answer_models import AnswerModel, told
from .order_models import OrderLineResponse, figures_of


class AdjustmentResponse(AnswerModel, kw_only=True):
    """Why the total is not simply what the items cost."""

    kind: AdjustmentKind
    description: Annotated[str, told("For a person.")]
    amount: Annotated[str, told("What it adds to the total; a discount is negative.")]
    line: Annotated[int | None, told("Index of the item it belongs to; null if it is of the whole order.")]

    @classmethod
    def example(cls) -> "AdjustmentResponse":
        return cls(kind=AdjustmentKind.SHIPPING, description="shipping", amount="5.99", line=None)

    @classmethod
    def of(cls, adjustment: Adjustment) -> "AdjustmentResponse":
        return cls(
            kind=adjustment.kind,
            description=adjustment.what,
            amount=adjustment.amount.amount_text,
            line=adjustment.line,
        )


class QuoteResponse(AnswerModel, kw_only=True):
    """What an order would come to, and why."""

    items: list[OrderLineResponse]
    items_total: Annotated[str, told("Before any discount.")]
    discount_total: Annotated[str, told("What all discounts take off, together.")]
    shipping_cost: str
    tax_total: str
    total: Annotated[str, told("`items_total - discount_total + tax_total + shipping_cost`.")]
    currency: str
    warehouse: Annotated[
        str | None, told("From where it would be sent; null if no warehouse has every line.")
    ]
    adjustments: Annotated[
        list[AdjustmentResponse],
        told("With `items_total` they add up to `total`; in the order of the steps."),
    ]

    @classmethod
    def example(cls) -> "QuoteResponse":
        return cls(
            items=[OrderLineResponse.example()],
            items_total="39.98",
            discount_total="0.00",
            shipping_cost="5.99",
            tax_total="0.00",
            total="45.97",
            currency="GBP",
            warehouse="LEEDS",
            adjustments=[AdjustmentResponse.example()],
        )

    @classmethod
    def of(cls, quote: Quote) -> "QuoteResponse":
        adjustments = [AdjustmentResponse.of(each) for each in quote.adjustments]
        return cls(**figures_of(quote), adjustments=adjustments)
