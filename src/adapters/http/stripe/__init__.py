"""Stripe: PaymentIntents and signed events."""

from .gateway import StripeGateway

__all__ = ["StripeGateway"]
