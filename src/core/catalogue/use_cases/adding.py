"""Products that come into the catalogue."""

from contextlib import suppress

from attrs import frozen

from ...kernel import Clock, ConcurrencyConflictError, IdFactory, Money, Percentage
from ...kernel.validation import Form
from ..entities import Product
from ..errors import ProductNotFoundError, SkuTakenError
from ..ids import ProductId
from ..ports import Begin
from ..requests import ProductRequest


@frozen
class AddProduct:
    """Take a product into the catalogue and tell of it, or do neither."""

    begin: Begin
    rules: Form
    clock: Clock
    new_id: IdFactory

    async def __call__(self, request: ProductRequest, *, product_id: ProductId | None = None) -> Product:
        """
        Args:
            product_id: What its stream is to be known by; a new id if the caller has none. A product of that id that
                was added before is that product.

        Raises:
            ValidationFailedError: with every rule that the request breaks.
            SkuTakenError: another product has that sku.
        """
        self.rules.check(request)
        product = Product(
            id=product_id or ProductId(self.new_id()),
            sku=request.sku,
            name=request.name,
            price=Money.of(request.price, request.currency),
            discount_percentage=Percentage(request.discount_percentage),
            max_discount=Percentage(request.max_discount),
            active=request.active,
            created_at=self.clock(),
        )
        try:
            async with self.begin() as tx:
                await tx.products.save(product, product.added())
        except (ConcurrencyConflictError, SkuTakenError):
            with suppress(ProductNotFoundError):
                async with self.begin() as tx:
                    known = await tx.products.get(product.sku)
                if known.id == product.id:
                    return known
            raise
        return product
