"""Routes for orders."""

from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from ...core.kernel import CustomerId, Permission
from ...core.ordering import OrderFilter, OrderId, OrderStatus
from .access import allowed_to
from .answer_headers import LOCATION
from .documentation import refusals
from .order_history import OrderEventsResponse
from .order_models import OrderListResponse, OrderResponse, PlaceOrderRequest, QuoteOrderRequest
from .queries import Cursor, PageNumber, PageSize, QueryReading, query
from .quote_models import QuoteResponse
from .requests import ApiRequest
from .resources import ApiResponse

_TAGS = ["orders"]
_POSITION = ResponseHeader(
    name="X-Read-Model-Position",
    value="0",
    description="Everything up to this position of the log is in the list, but for what was put off.",
    required=True,
    documentation_only=True,
)


@post(
    "/orders",
    access=allowed_to(Permission.ORDERS_CREATE),
    idempotent=True,
    status_code=202,
    summary="Place an order",
    response_headers=[LOCATION],
    response_description="The order, `Pending`; follow it at `Location`.",
    tags=_TAGS,
    responses=refusals(402, 404, 413, 415, 502),
)
async def place_order(
    data: JSONBody[PlaceOrderRequest], operation_id: NamedDependency[UUID], request: ApiRequest
) -> ApiResponse[OrderResponse]:
    """
    Order something at the price of now. It is paid and reserved afterwards: it ends `Confirmed`, or `Cancelled` with
    its `failure_reason`.
    """
    asked = data.to_domain()
    request.shows(asked.customer_id)
    order = await request.application.orders.place_order(
        request.principal, asked, order_id=OrderId(operation_id)
    )
    return ApiResponse(
        OrderResponse.of(order), status_code=202, headers={"Location": f"/api/v1/orders/{order.id}"}
    )


@post(
    "/orders/quote",
    access=allowed_to(Permission.ORDERS_CREATE),
    status_code=200,
    summary="Price an order",
    tags=_TAGS,
    responses=refusals(404, 413, 415, 422),
)
async def quote_order(data: JSONBody[QuoteOrderRequest], request: ApiRequest) -> QuoteResponse:
    """Tell what an order would come to now, and why. Nothing is stored, and no card is looked at."""
    return QuoteResponse.of(await request.application.orders.quote_order(request.principal, data.to_domain()))


@get(
    "/orders/{order_id:uuid}",
    access=allowed_to(Permission.ORDERS_READ),
    summary="Show an order",
    tags=_TAGS,
    responses=refusals(404),
)
async def show_order(
    order_id: FromPath[UUID],
    request: ApiRequest,
    version: Annotated[str | None, query("As it was at this version.", type="integer", minimum=1)] = None,
    as_of: Annotated[
        str | None, query("As it was at the end of this moment (RFC 3339).", format="date-time")
    ] = None,
) -> OrderResponse:
    """Show one of one's own orders, as it is or was; with `orders:read_all` anyone's."""
    reading = QueryReading()
    at_version = reading.integer("version", version)
    at_moment = reading.moment("as_of", as_of)
    reading.refuse_both({"version": version, "as_of": as_of})
    reading.check()
    return OrderResponse.of(
        await request.application.orders.find_order(
            request.principal, OrderId(order_id), version=at_version, as_of=at_moment
        )
    )


@get(
    "/orders/{order_id:uuid}/events",
    access=allowed_to(Permission.ORDERS_READ),
    summary="Tell what happened to an order",
    tags=_TAGS,
    responses=refusals(404),
)
async def tell_history(order_id: FromPath[UUID], request: ApiRequest) -> OrderEventsResponse:
    """Tell of one of one's own orders all that happened to it, in order; with `orders:read_all` of anyone's."""
    return OrderEventsResponse.of(
        await request.application.orders.tell_history(request.principal, OrderId(order_id))
    )


@get(
    "/orders",
    access=allowed_to(Permission.ORDERS_READ),
    summary="List orders",
    response_headers=[_POSITION],
    tags=_TAGS,
    responses=refusals(),
)
async def list_orders(  # noqa: PLR0913, PLR0917 - a parameter each of the query
    request: ApiRequest,
    page: PageNumber = None,
    page_size: PageSize = None,
    cursor: Cursor = None,
    customer_id: Annotated[str | None, query("Only those of this customer.", format="uuid")] = None,
    status: Annotated[str | None, query("Only those in this state.", enum=list(OrderStatus))] = None,
) -> ApiResponse[OrderListResponse]:
    """List one's own orders, newest first; with `orders:read_all` everyone's. It is a moment behind."""
    reading = QueryReading()
    customer = reading.uuid("customer_id", customer_id)
    wanted = OrderFilter(
        status=reading.one_of("status", status, OrderStatus),
        customer_id=CustomerId(customer) if customer else None,
    )
    list_cursors = request.cursors.of("orders", wanted)
    place = reading.place(page, page_size, cursor, list_cursors)
    reading.check()
    viewed = await request.application.orders.list_orders(request.principal, wanted, place)
    return ApiResponse(
        OrderListResponse.of(viewed.found, OrderResponse.of, list_cursors),
        headers={_POSITION.name: str(viewed.position)},
    )


ROUTES = (place_order, quote_order, show_order, tell_history, list_orders)
