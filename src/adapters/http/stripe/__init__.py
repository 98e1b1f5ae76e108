"""Stripe: PaymentIntents and signed events."""

from .gateway import StripeGateway
from .notices import StripeNotices

__all__ = ["StripeGateway", "StripeNotices"]
