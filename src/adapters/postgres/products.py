"""Products in PostgreSQL."""

from collections.abc import Collection, Mapping
from typing import Any

from attrs import define, field, frozen

from ...core.catalogue import (
    Product,
    ProductFilter,
    ProductId,
    ProductNotFoundError,
    folded,
    searched_text,
)
from ...core.eventlog import Event, EventLog, Recorder
from ...core.kernel import Money, Page, PageRequest, Percentage, Slice, SliceRequest
from .connection import Connection, Lend
from .pages import page_of, slice_of
from .queries import named_queries
from .together import Row, Together

_SQL = named_queries("products")


@frozen
class PostgresProductRepository:
    """Rows of ``product``, on a connection whose transaction the caller owns."""

    _connection: Connection
    _log: EventLog
    _recorder: Recorder

    async def get(self, sku: str) -> Product:
        return _found(sku, (await _of_skus(self._connection, [sku])).get(sku))

    async def save(self, product: Product, *events: Event) -> None:
        # Whoever catches the refusal of a sku goes on as if this had not begun.
        async with self._connection.transaction():
            # The append's compare-and-set is the optimistic lock of the row, too.
            version = await self._log.append(product.stream, self._recorder(events), product.version)
            await self._connection.execute(_SQL["save"], _to_row(product) | {"version": version})
        product.version = version


@define(eq=False)
class PostgresProductQueries:
    """Rows of ``product`` as they are committed."""

    _lend: Lend
    _together: Together[str] = field(init=False)

    @_together.default
    def _those_of_skus(self) -> Together[str]:
        return Together(self._rows)

    async def get(self, sku: str) -> Product:
        return _found(sku, await self._together.find(sku))

    async def of_skus(self, skus: Collection[str]) -> Mapping[str, Product]:
        rows = await self._rows(skus)
        return {sku: _to_product(row) for sku, row in rows.items()}

    async def list(self, wanted: ProductFilter, page: PageRequest) -> Page[Product]:
        return await page_of(self._lend, _SQL["list"], _narrowing(wanted), page, _to_product)

    async def list_after(self, wanted: ProductFilter, place: SliceRequest) -> Slice[Product]:
        return await slice_of(self._lend, _SQL["list_after"], _narrowing(wanted), place, _to_product)

    async def _rows(self, skus: Collection[str]) -> Mapping[str, Row]:
        async with self._lend() as connection:
            return await _of_skus(connection, skus)


def _found(sku: str, row: Row | None) -> Product:
    if row is None:
        raise ProductNotFoundError(sku)
    return _to_product(row)


async def _of_skus(connection: Connection, skus: Collection[str]) -> Mapping[str, Row]:
    # The driver cannot send every text; what is no sku is not known anyway.
    possible = [sku for sku in skus if sku.isascii() and sku.isprintable()]
    cursor = await connection.execute(_SQL["of_skus"], {"skus": possible})
    return {row["sku"]: row for row in await cursor.fetchall()}


def _narrowing(wanted: ProductFilter) -> dict[str, object]:
    return {
        "active": wanted.active,
        "search": None if wanted.search is None else folded(wanted.search),
    }


def _to_product(row: Mapping[str, Any]) -> Product:
    return Product(
        id=ProductId(row["id"]),
        version=row["version"],
        sku=row["sku"],
        name=row["name"],
        price=Money(row["price_minor"], row["currency"]),
        discount_percentage=Percentage(row["discount_percentage"]),
        max_discount=Percentage(row["max_discount"]),
        active=row["active"],
        created_at=row["created_at"],
    )


def _to_row(product: Product) -> dict[str, object]:
    return {
        "id": product.id,
        "sku": product.sku,
        "name": product.name,
        "currency": product.price.currency,
        "price_minor": product.price.minor,
        "discount_percentage": product.discount_percentage.value,
        "max_discount": product.max_discount.value,
        "active": product.active,
        "created_at": product.created_at,
        "searched_text": searched_text(product),
    }
