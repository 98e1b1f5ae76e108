"""The API of one application: its routes, what they are given, and the layer around them."""

from collections.abc import Sequence
from typing import Any, cast

from litestar import Litestar, Request, Response, Router
from litestar.di import Provide
from litestar.routes import HTTPRoute
from litestar.types import ControllerRouterHandler

from ...adapters.telemetry.release import release
from ..composition import Application
from . import (
    accounts,
    auth,
    batches,
    cards,
    customers,
    inventory,
    operations,
    order_steps,
    orders,
    payment_report,
    payment_steps,
    payments,
    problem_pages,
    products,
    users,
    webhooks,
)
from .access import OPEN, AccessPlugin
from .answer_models import AnswerSchemaPlugin
from .body_schemas import BodySchemaPlugin
from .compression import Compression
from .credentials import SessionCookie, origin_of
from .described_answers import AnswersPlugin
from .documentation import openapi_config
from .edge import ASGIApp, Edge
from .entity_tags import expected_version
from .errors import refusal_of
from .first_answers import AnsweredBeforeError, FirstAnswers, repeat
from .gate import Gate, record_denial
from .idempotency import IdempotencyPlugin, operation_id
from .problem_details import written
from .request_log import RequestLog
from .requests import MAX_BODY_BYTES, ApiRequest
from .resources import ApiResponse, ResourcePlugin
from .served import Served


def create_app(application: Application, routing: Litestar | None = None) -> ASGIApp:
    """
    Give the ASGI application that serves *application* over HTTP; opening and closing it is the caller's.

    Args:
        routing: From `routing_of` the same environment. Whoever makes many applications makes it once.
    """
    served = Served(application)
    return Edge(
        app=Compression(FirstAnswers(cast("ASGIApp", routing or routing_of(served.cookie)))),
        new_id=application.new_id,
        metrics=application.metrics,
        time_limit_s=application.settings.request_timeout_s,
        state={"served": served},
        readers=frozenset(map(origin_of, application.settings.allowed_origins)),
        log=RequestLog(application.settings.log_request_sample),
    )


def openapi_document() -> dict[str, Any]:
    """Give the OpenAPI description of the API, as it is in development."""
    return routing_of(SessionCookie(is_secure=False)).openapi_schema.to_schema()


def create_operations_app(application: Application) -> ASGIApp:
    """Give one that only tells how *application* is and what it measures."""
    cookie = Served(application).cookie
    return create_app(application, _routing(operations.ROUTES, cookie))


def routing_of(cookie: SessionCookie) -> Litestar:
    """Give the routes and all that they have in common; what they act on comes with each request."""
    v1 = (
        *auth.ROUTES,
        *accounts.ROUTES,
        *users.ROUTES,
        *customers.ROUTES,
        *cards.ROUTES,
        *payments.ROUTES,
        *batches.ROUTES,
        *payment_report.ROUTES,
        *payment_steps.ROUTES,
        *products.ROUTES,
        *inventory.ROUTES,
        *orders.ROUTES,
        *order_steps.ROUTES,
    )
    beside = (auth.show_keys, *operations.ROUTES, *webhooks.ROUTES, *problem_pages.ROUTES)
    return _routing((Router("/api/v1", route_handlers=v1), *beside), cookie)


def _routing(routes: Sequence[ControllerRouterHandler], cookie: SessionCookie) -> Litestar:
    gate: Any = Gate  # ASGI's types, not the framework's own
    denied: Any = record_denial
    app = Litestar(
        route_handlers=routes,
        dependencies=_DEPENDENCIES,
        middleware=[gate],
        plugins=[
            AccessPlugin(),
            IdempotencyPlugin(),
            ResourcePlugin(),
            AnswersPlugin(),
            BodySchemaPlugin(),
            AnswerSchemaPlugin(),
        ],
        before_request=_answer_options,
        after_exception=[denied],
        request_class=ApiRequest,
        response_class=ApiResponse,
        request_max_body_size=MAX_BODY_BYTES,
        exception_handlers={AnsweredBeforeError: repeat, Exception: _refuse},
        openapi_config=openapi_config(release(), cookie_name=cookie.name, opt={"access": OPEN}),
        logging_config=None,
        debug=False,
        pdb_on_exception=False,
    )
    _give_in_turn(app)
    return app


def _give_in_turn(app: Litestar) -> None:
    """
    Have handlers given what they take one after the other.

    Left to itself, the framework starts a task for each, should it have to wait. None has, and the tasks of one
    request cost as much as its trip to the database.
    """
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for _, given in route.route_handler_map.values():
                given.dependency_batches = [{each} for batch in given.dependency_batches for each in batch]


async def _answer_options(request: Request[Any, Any, Any]) -> Response[None] | None:
    """Answer OPTIONS. Left to itself, the framework tells the methods of the first handler of a path alone."""
    if request.method != "OPTIONS":
        return None
    path = request.scope["path_template"]
    methods = next(route.methods for route in request.app.routes if route.path_format == path)
    return Response(None, status_code=204, headers={"Allow": ", ".join(methods)})


def _refuse(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    refusal = refusal_of(error, request.scope["state"].get("payment_id"))
    answer = written(refusal, request.state.request_id, request.scope)
    return Response(
        answer.content, status_code=refusal.status, headers=answer.headers, media_type=answer.media_type
    )


# What handlers are given of what a caller sends in headers, by the names of their parameters.
_DEPENDENCIES = {
    "expected": Provide(expected_version, sync_to_thread=False),
    "operation_id": Provide(operation_id, sync_to_thread=False),
}
