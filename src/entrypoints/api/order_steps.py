"""Routes for what becomes of an order: cancelled, shipped, delivered."""

from functools import partial
from uuid import UUID

from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from ...core.kernel import Permission
from ...core.ordering import OrderId, PlacedOrder
from .access import allowed_to
from .documentation import refusals
from .order_models import OrderResponse, OrderStepRequest
from .requests import ApiRequest
from .resources import ApiResponse

_step = partial(post, idempotent=True, status_code=200, tags=["orders"], responses=refusals(404, 413, 415))


@_step(
    "/orders/{order_id:uuid}/cancel",
    access=allowed_to(Permission.ORDERS_CANCEL),
    summary="Cancel an order",
)
async def cancel_order(
    order_id: FromPath[UUID],
    data: JSONBody[OrderStepRequest],
    request: ApiRequest,
    operation_id: NamedDependency[UUID],
) -> ApiResponse[OrderResponse]:
    """Give an order up, at once, until it is shipped; what was paid and reserved for it is given back afterwards."""
    order = await request.application.orders.cancel_order(
        request.principal, OrderId(order_id), data.to_domain(), operation_id=operation_id
    )
    return _answer(order, request)


@_step(
    "/orders/{order_id:uuid}/ship",
    access=allowed_to(Permission.ORDERS_MANAGE),
    summary="Ship an order",
)
async def ship_order(
    order_id: FromPath[UUID],
    data: JSONBody[OrderStepRequest],
    request: ApiRequest,
    operation_id: NamedDependency[UUID],
) -> ApiResponse[OrderResponse]:
    """Send an order that is `Confirmed`; what was reserved for it leaves the warehouse."""
    order = await request.application.orders.ship_order(
        request.principal, OrderId(order_id), data.to_domain(), operation_id=operation_id
    )
    return _answer(order, request)


@_step(
    "/orders/{order_id:uuid}/deliver",
    access=allowed_to(Permission.ORDERS_MANAGE),
    summary="Tell that an order was delivered",
)
async def deliver_order(
    order_id: FromPath[UUID],
    data: JSONBody[OrderStepRequest],
    request: ApiRequest,
    operation_id: NamedDependency[UUID],
) -> ApiResponse[OrderResponse]:
    """Tell that an order which is `Shipped` has arrived."""
    order = await request.application.orders.deliver_order(
        request.principal, OrderId(order_id), data.to_domain(), operation_id=operation_id
    )
    return _answer(order, request)


def _answer(order: PlacedOrder, request: ApiRequest) -> ApiResponse[OrderResponse]:
    request.shows(order.placed.customer_id)
    return ApiResponse(OrderResponse.of(order), status_code=200)


ROUTES = (cancel_order, ship_order, deliver_order)
