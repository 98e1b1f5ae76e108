"""Products in memory."""

from collections.abc import Collection, Iterator, Mapping
from copy import copy

from attrs import define, field, frozen

from ...core.catalogue import Product, ProductFilter, ProductId, ProductNotFoundError, SkuTakenError
from ...core.eventlog import Event, Recorder
from ...core.kernel import Page, PageRequest, Slice, SliceRequest
from .event_log import MemoryEventLog
from .pages import page_of, slice_of
from .rows import Rows


@define(eq=False)
class MemoryProductRepository:
    """
    The rows of one transaction, by sku.

    Args:
        committed: What all transactions share; a sku that was taken here has to be free still at the end.
    """

    _rows: Rows[str, Product]
    _committed: Mapping[str, Product]
    _log: MemoryEventLog
    _recorder: Recorder
    _saved: dict[str, ProductId] = field(factory=dict, init=False)

    async def get(self, sku: str) -> Product:
        try:
            return self._rows[sku]
        except KeyError:
            raise ProductNotFoundError(sku) from None

    async def save(self, product: Product, *events: Event) -> None:
        known = self._rows.get(product.sku)
        if known and known.id != product.id:
            raise SkuTakenError
        product.version = await self._log.append(product.stream, self._recorder(events), product.version)
        self._rows[product.sku] = product
        self._saved[product.sku] = product.id

    def validate(self) -> None:
        """
        Raises:
            SkuTakenError: another transaction took the same sku first.
        """
        for sku, product_id in self._saved.items():
            if sku in self._committed and self._committed[sku].id != product_id:
                raise SkuTakenError


@frozen
class MemoryProductQueries:
    """What is committed."""

    _committed: Mapping[str, Product]

    async def get(self, sku: str) -> Product:
        if sku not in self._committed:
            raise ProductNotFoundError(sku)
        return copy(self._committed[sku])

    async def of_skus(self, skus: Collection[str]) -> Mapping[str, Product]:
        return {sku: copy(self._committed[sku]) for sku in set(skus) if sku in self._committed}

    async def list(self, wanted: ProductFilter, page: PageRequest) -> Page[Product]:
        return page_of(self._found(wanted), page)

    async def list_after(self, wanted: ProductFilter, place: SliceRequest) -> Slice[Product]:
        return slice_of(self._found(wanted), place)

    def _found(self, wanted: ProductFilter) -> Iterator[Product]:
        return filter(wanted.lets_through, self._committed.values())
