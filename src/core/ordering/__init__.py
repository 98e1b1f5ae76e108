"""Ordering: what customers order, and what it costs."""

from .pricing.chain import Pricing
from .pricing.errors import ItemsNotSoldError, OrderTotalOutOfRangeError
from .pricing.policies import (
    Charge,
    FlatShipping,
    RatePerCurrency,
    ShippingPolicy,
    ShippingRate,
    TaxPolicy,
    WarehouseAssigner,
    first_that_has_every_line,
)
from .pricing.promotions import AmountOff, BuySomeGetSome, Effect, PercentageOff, Promotion
from .pricing.values import (
    Adjustment,
    AdjustmentKind,
    Offer,
    OrderItem,
    OrderLine,
    PricingRequest,
    Quote,
    Stock,
)

__all__ = [
    "Adjustment",
    "AdjustmentKind",
    "AmountOff",
    "BuySomeGetSome",
    "Charge",
    "Effect",
    "FlatShipping",
    "ItemsNotSoldError",
    "Offer",
    "OrderItem",
    "OrderLine",
    "OrderTotalOutOfRangeError",
    "PercentageOff",
    "Pricing",
    "PricingRequest",
    "Promotion",
    "Quote",
    "RatePerCurrency",
    "ShippingPolicy",
    "ShippingRate",
    "Stock",
    "TaxPolicy",
    "WarehouseAssigner",
    "first_that_has_every_line",
]
