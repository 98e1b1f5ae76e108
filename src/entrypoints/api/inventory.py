"""Routes for what lies in warehouses."""

from typing import Annotated

from litestar import get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from pydantic import Field

from ...core.inventory import ADJUSTMENT, Stock, StockLevel
from ...core.kernel import ExpectedVersion, Permission
from ...core.kernel.validation import Form
from ..composition import Application
from .access import allowed_to
from .answer_models import AnswerModel, told
from .documentation import refusals
from .models import RequestModel
from .requests import ApiRequest
from .resources import Resource

_TAGS = ["inventory"]


class AdjustStockRequest(RequestModel):
    """What a warehouse has."""

    on_hand: int = Field(
        description="Pieces that are there, those that are reserved included.",
        examples=[120],
        json_schema_extra={"minimum": 0, "maximum": 1_000_000_000},
    )

    @classmethod
    def rules(cls, application: Application) -> Form:  # noqa: ARG003 - they are the same everywhere
        return ADJUSTMENT


class StockLevelResponse(AnswerModel, kw_only=True):
    """What one warehouse has of a SKU."""

    warehouse: str
    on_hand: Annotated[int, told("Pieces that are there, reserved or not.")]
    reserved: Annotated[int, told("Those of them that are held for orders.")]
    available: Annotated[int, told("Those that can still be reserved.")]

    @classmethod
    def of(cls, level: StockLevel) -> "StockLevelResponse":
        return cls(
            warehouse=level.warehouse,
            on_hand=level.on_hand,
            reserved=level.reserved,
            available=level.available,
        )


# Its version goes out as its tag alone, and so is no field.
class StockResponse(AnswerModel, Resource, kw_only=True, dict=True):
    """What all warehouses have of a SKU."""

    sku: str
    warehouses: Annotated[list[StockLevelResponse], told("By name; those that have ever had any.")]

    @classmethod
    def example(cls) -> "StockResponse":
        level = StockLevel(sku="ENGINE-2", warehouse="london", on_hand=120, reserved=8)
        return cls.of(Stock(sku=level.sku, levels={level.warehouse: level}, version=1))

    @classmethod
    def of(cls, stock: Stock) -> "StockResponse":
        levels = [StockLevelResponse.of(stock.levels[name]) for name in sorted(stock.levels)]
        answer = cls(sku=stock.sku, warehouses=levels)
        answer.version = stock.revision
        return answer


@put(
    "/inventory/{warehouse:str}/{sku:str}",
    access=allowed_to(Permission.INVENTORY_WRITE),
    summary="Say what a warehouse has",
    tags=_TAGS,
    responses=refusals(404, 413, 415, 422),
)
async def adjust_stock(
    warehouse: FromPath[str],
    sku: FromPath[str],
    data: JSONBody[AdjustStockRequest],
    request: ApiRequest,
    expected: NamedDependency[ExpectedVersion],
) -> StockResponse:
    """
    Say how much of a SKU a warehouse has, reserved or not: never less than is reserved.

    Both names are 1-64 letters A-Z, digits, points, hyphens and underscores, and upper case is not lower case. The
    first time makes the warehouse. Whether the SKU is in the catalogue is not asked.
    """
    return StockResponse.of(
        await request.application.inventory.adjust_stock(warehouse, sku, data.on_hand, expected=expected)
    )


@get(
    "/inventory/{sku:str}",
    access=allowed_to(Permission.INVENTORY_READ),
    summary="Show what there is of a SKU",
    tags=_TAGS,
    responses=refusals(404),
)
async def show_stock(sku: FromPath[str], request: ApiRequest) -> StockResponse:
    """Show what each warehouse has of a SKU, and how much of that is reserved."""
    return StockResponse.of(await request.application.inventory.find_stock(sku))


ROUTES = (adjust_stock, show_stock)
