"""How far an order is, and why one was given up."""

from enum import StrEnum


class OrderStatus(StrEnum):
    """``Pending → PaymentProcessing → InventoryReserved → Confirmed → Shipped → Delivered``."""

    PENDING = "Pending"
    """Placed; nothing was asked of the card yet."""
    PAYMENT_PROCESSING = "PaymentProcessing"
    """The card is asked for the total, or holds it."""
    INVENTORY_RESERVED = "InventoryReserved"
    """The card holds the total, and the warehouse the items."""
    CONFIRMED = "Confirmed"
    """It is paid."""
    SHIPPED = "Shipped"
    DELIVERED = "Delivered"
    CANCELLED = "Cancelled"
    """From any before ``Shipped``."""


class FailureReason(StrEnum):
    """Why an order was cancelled by nobody."""

    PAYMENT_DECLINED = "payment_declined"
    INSUFFICIENT_STOCK = "insufficient_stock"
    CAPTURE_DECLINED = "capture_declined"
    PAYMENT_UNAVAILABLE = "payment_unavailable"
    TIMEOUT = "timeout"


CONFIRMED_STATUSES = frozenset({OrderStatus.CONFIRMED, OrderStatus.SHIPPED, OrderStatus.DELIVERED})
"""Those of an order that was confirmed and not cancelled afterwards."""
