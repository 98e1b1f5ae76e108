"""Stripe: PaymentIntents and signed events."""

from ....core.kernel import require

with require("http"):
    from .gateway import StripeGateway
    from .notices import StripeNotices

__all__ = ["StripeGateway", "StripeNotices"]
