"""Routes for products."""

from typing import Annotated
from uuid import UUID

from litestar import get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from ...core.catalogue import Product, ProductFilter, ProductId
from ...core.kernel import ExpectedVersion, Page, PageRequest, Permission, Slice
from .access import allowed_to
from .answer_headers import LOCATION
from .documentation import refusals
from .product_models import (
    AddProductRequest,
    ChangeProductRequest,
    ProductListResponse,
    ProductResponse,
)
from .queries import Cursor, PageNumber, PageSize, QueryReading, query
from .requests import ApiRequest
from .resources import ApiResponse

_TAGS = ["catalogue"]


@post(
    "/products",
    access=allowed_to(Permission.CATALOGUE_WRITE),
    idempotent=True,
    summary="Add a product",
    response_headers=[LOCATION],
    tags=_TAGS,
    responses=refusals(413, 415),
)
async def add_product(
    data: JSONBody[AddProductRequest], request: ApiRequest, operation_id: NamedDependency[UUID]
) -> ApiResponse[ProductResponse]:
    """Add a product to the catalogue; a sku that another one has is refused with 409."""
    product = await request.application.catalogue.add_product(
        data.to_domain(), product_id=ProductId(operation_id)
    )
    return ApiResponse(
        ProductResponse.of(product),
        status_code=201,
        headers={"Location": f"/api/v1/products/{product.sku}"},
    )


@get(
    "/products/{sku:str}",
    access=allowed_to(Permission.CATALOGUE_READ),
    summary="Show a product",
    tags=_TAGS,
    responses=refusals(404),
)
async def show_product(sku: FromPath[str], request: ApiRequest) -> ProductResponse:
    """Show a product, whether it is sold or not."""
    return ProductResponse.of(await request.application.catalogue.products.get(sku))


@get(
    "/products",
    access=allowed_to(Permission.CATALOGUE_READ),
    summary="List products",
    tags=_TAGS,
    responses=refusals(),
)
async def list_products(  # noqa: PLR0913, PLR0917 - a parameter each of the query
    request: ApiRequest,
    page: PageNumber = None,
    page_size: PageSize = None,
    cursor: Cursor = None,
    search: Annotated[
        str | None, query("Only those whose sku or name contains this, without regard to case.")
    ] = None,
    active: Annotated[
        str | None, query("Only those that are sold, or only those that are not.", type="boolean")
    ] = None,
) -> ProductListResponse:
    """List products, newest first."""
    reading = QueryReading()
    wanted = ProductFilter(search=reading.text("search", search), active=reading.flag("active", active))
    list_cursors = request.cursors.of("products", wanted)
    place = reading.place(page, page_size, cursor, list_cursors)
    reading.check()
    products = request.application.catalogue.products
    if isinstance(place, PageRequest):
        found: Page[Product] | Slice[Product] = await products.list(wanted, place)
    else:
        found = await products.list_after(wanted, place)
    return ProductListResponse.of(found, ProductResponse.of, list_cursors)


@patch(
    "/products/{sku:str}",
    access=allowed_to(Permission.CATALOGUE_WRITE),
    summary="Change a product",
    tags=_TAGS,
    responses=refusals(404, 413, 415),
)
async def change_product(
    sku: FromPath[str],
    data: JSONBody[ChangeProductRequest],
    request: ApiRequest,
    expected: NamedDependency[ExpectedVersion],
) -> ProductResponse:
    """Change what is said of a product; its price counts for orders from then on."""
    return ProductResponse.of(
        await request.application.catalogue.change_product(sku, data.to_domain(), expected=expected)
    )


ROUTES = (add_product, show_product, list_products, change_product)
