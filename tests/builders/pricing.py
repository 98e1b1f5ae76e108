"""What is priced, saying only what the test is about."""

from typing import Any

from quayside.core.kernel import Money, Percentage
from quayside.core.ordering import Offer, OrderItem, Pricing, PricingRequest, Quote

from .money import gbp
from .payments import NOON


def an_offer(sku: str, price: Money | None = None, *, off: str = "0", **changes: Any) -> Offer:
    """A product at 10.00 GBP."""
    return Offer(sku, f"A {sku}", price or gbp("10.00"), Percentage(off), **changes)


def priced(
    *items: tuple[Offer, int], pricing: Pricing | None = None, off: str = "0", **changes: Any
) -> Quote:
    """What so many of each offer come to, at `NOON`, with the default policies."""
    request = PricingRequest(
        items=tuple(OrderItem(offer.sku, quantity) for offer, quantity in items),
        offers={offer.sku: offer for offer, _ in items},
        at=NOON,
        discount_percentage=Percentage(off),
        **changes,
    )
    return (pricing or Pricing())(request)


def line_totals(quote: Quote) -> list[str]:
    """What is left of each line."""
    return [line.line_total.amount_text for line in quote.items]
