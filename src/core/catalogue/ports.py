"""What this context needs from storage."""

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from attrs import frozen

from ..eventlog import Event
from ..kernel import Page, PageRequest, Slice, SliceRequest
from .entities import Product


class ProductRepository(Protocol):
    """
    All products, as a collection, inside a transaction. Contract: tests/contract/test_products.py.
    """

    async def get(self, sku: str) -> Product:
        """
        Raises:
            ProductNotFoundError.
        """
        ...

    async def save(self, product: Product, *events: Event) -> None:
        """
        Store the row and append *events* to its stream, or neither; ``product.version`` becomes the stream's.

        Raises:
            SkuTakenError: another product has its sku; where two race, the later one learns it here or on commit.
            ConcurrencyConflictError: ``product.version`` was overtaken.
        """
        ...


@frozen(kw_only=True)
class ProductFilter:
    """
    Which products to list; what is None does not narrow.

    Args:
        search: What the sku or the name contains, without regard to case.
    """

    search: str | None = None
    active: bool | None = None

    def lets_through(self, product: Product) -> bool:
        """Whether *product* is among the wanted."""
        return self.active in (None, product.active) and (
            self.search is None or folded(self.search) in searched_text(product)
        )


class ProductQueries(Protocol):
    """
    Reads of committed products, each on its own, outside any transaction. Contract: tests/contract/test_products.py.
    """

    async def get(self, sku: str) -> Product:
        """
        Raises:
            ProductNotFoundError.
        """
        ...

    async def of_skus(self, skus: Collection[str]) -> Mapping[str, Product]:
        """The products of *skus* by their sku, in one read; a sku that is not known is left out."""
        ...

    async def list(self, wanted: ProductFilter, page: PageRequest) -> Page[Product]:
        """The products that *wanted* lets through, newest first, ties by id (the greater first)."""
        ...

    async def list_after(self, wanted: ProductFilter, place: SliceRequest) -> Slice[Product]:
        """Those that follow in the same order."""
        ...


class Transaction(Protocol):
    """Everything reached through it commits or rolls back together."""

    @property
    def products(self) -> ProductRepository: ...


Begin = Callable[[], AbstractAsyncContextManager[Transaction]]


def folded(text: str) -> str:
    """*text* as it is searched: the same in any case."""
    return text.casefold()


def searched_text(product: Product) -> str:
    """What is looked into when products are searched: no search reaches from the sku into the name."""
    return folded(f"{product.sku}\x1f{product.name}")  # a character that no text has
