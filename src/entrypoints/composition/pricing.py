"""What orders cost: the policies that settings name, put together."""

from ...core.ordering import FlatShipping, Pricing, RatePerCurrency
from ..settings import Settings
from ..settings.pricing import shipping_rate, tax_rate


def pricing_of(settings: Settings) -> Pricing:
    """Pricing as *settings* say."""
    return Pricing(
        promotions=tuple(promotion.to_domain() for promotion in settings.promotions),
        tax=RatePerCurrency(dict(map(tax_rate, settings.tax_rates))),
        shipping=FlatShipping(dict(map(shipping_rate, settings.shipping_rates))),
    )
