"""Products that change."""

from attrs import asdict, frozen

from ...kernel import ANY_VERSION, Clock, ExpectedVersion, Money, Percentage
from ...kernel.validation import Form
from ..entities import Product
from ..ports import Begin
from ..requests import ProductChange, ProductRequest
from ..rules import TOGETHER


@frozen
class ChangeProduct:
    """Change what is said of a product, its price included, and tell of it, or do neither."""

    begin: Begin
    rules: Form
    clock: Clock

    async def __call__(
        self, sku: str, change: ProductChange, *, expected: ExpectedVersion = ANY_VERSION
    ) -> Product:
        """
        Args:
            expected: In which version the caller knows the product.

        Raises:
            ValidationFailedError: with every rule that the change breaks, alone or beside what stays as it is.
            ProductNotFoundError.
            StalePreconditionError: the product has another version.
            ConcurrencyConflictError: somebody else was faster.
        """
        self.rules.check(change)
        with expected.through_races():
            async with self.begin() as tx:
                product = await tx.products.get(sku)
                expected.require(product.version)
                wanted = _changed(product, change)
                TOGETHER.check(wanted)
                events = product.change(
                    name=wanted.name,
                    price=Money.of(wanted.price, wanted.currency),
                    discount_percentage=Percentage(wanted.discount_percentage),
                    max_discount=Percentage(wanted.max_discount),
                    active=wanted.active,
                    at=self.clock(),
                )
                if events:
                    await tx.products.save(product, *events)
        return product


def _changed(product: Product, change: ProductChange) -> ProductRequest:
    """All that is said of *product* once *change* is made."""
    present = {
        "name": product.name,
        "price": product.price.amount,
        "currency": product.price.currency,
        "discount_percentage": product.discount_percentage.value,
        "max_discount": product.max_discount.value,
        "active": product.active,
    }
    asked = asdict(change, filter=lambda _, value: value is not None)
    return ProductRequest(sku=product.sku, **{**present, **asked})
