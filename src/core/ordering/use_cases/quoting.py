"""What an order would come to."""

from collections.abc import Callable

from attrs import frozen

from ...catalogue import Product, ProductQueries
from ...customers import CustomerQueries, require_visible
from ...inventory import StockQueries
from ...kernel import Clock, Percentage, Permission, Principal
from ...kernel.validation import Form
from ..pricing.values import Offer, PricingRequest, Quote
from ..requests import OrderRequest


@frozen
class QuoteOrder:
    """
    Price what somebody wants to order as it would be priced now; nothing is stored, and no card is looked at.

    Args:
        pricing: A `Pricing`, or whatever else prices. Pure.
    """

    customers: CustomerQueries
    products: ProductQueries
    stock: StockQueries
    pricing: Callable[[PricingRequest], Quote]
    rules: Form
    clock: Clock

    async def __call__(self, principal: Principal, request: OrderRequest) -> Quote:
        """
        Raises:
            ValidationFailedError: with every rule that *request* breaks.
            CustomerNotFoundError: there is none, or the caller may not see them.
            PermissionDeniedError: the caller may give no discount.
            ItemsNotSoldError: some items cannot be bought, or not together.
            OrderTotalOutOfRangeError: nobody could pay that at once.
        """
        self.rules.check(request)
        require_visible(principal, await self.customers.get(request.customer_id))
        if request.discount_percentage is not None:
            principal.require(Permission.ORDERS_MANAGE)
        skus = {item.sku for item in request.items}
        products = await self.products.of_skus(skus)
        asked = PricingRequest(
            items=tuple(request.items),
            offers={sku: _offer(product) for sku, product in products.items()},
            at=self.clock(),
            discount_percentage=Percentage(request.discount_percentage or 0),
            stock=await self.stock.availability(skus),
        )
        return self.pricing(asked)


def _offer(product: Product) -> Offer:
    return Offer(product.sku, product.name, product.price, product.discount_percentage, product.active)
