"""The API of one application: its routes, what they are given, and the layer around them."""

from importlib.metadata import version
from typing import Any, cast

from litestar import Litestar, Request, Response, Router
from litestar.datastructures import State
from litestar.di import Provide

from ...adapters.telemetry.metrics import PrometheusMetrics
from ..composition import Application
from .documentation import openapi_config
from .edge import ASGIApp, Edge
from .errors import refusal_of
from .health import Dependency, Health, HealthMonitor
from .operations import Service, show_health, show_liveness, show_metrics, show_readiness
from .payments import create_payment, list_payments, show_payment
from .requests import MAX_BODY_BYTES, ApiRequest

_SLOW_DATABASE_S = 0.1


def create_app(application: Application) -> ASGIApp:
    """Give the ASGI application that serves *application* over HTTP; opening and closing it is the caller's."""
    metrics = PrometheusMetrics()
    return Edge(
        app=cast("ASGIApp", _routed(application, metrics)),
        new_id=application.new_id,
        metrics=metrics,
        time_limit_s=application.settings.request_timeout_s,
    )


def openapi_document(application: Application) -> dict[str, Any]:
    """Give the OpenAPI description of the API of *application*."""
    return _routed(application, PrometheusMetrics()).openapi_schema.to_schema()


def _routed(application: Application, metrics: PrometheusMetrics) -> Litestar:
    service = Service(version("quayside"))
    monitor = HealthMonitor(
        {
            "database": Dependency(
                application.storage.probe, Health.UNHEALTHY, slow_after_s=_SLOW_DATABASE_S
            ),
            "gateway": Dependency(application.gateway.health),
        },
        application.clock,
    )
    return Litestar(
        route_handlers=[
            Router("/api/v1", route_handlers=[create_payment, show_payment, list_payments]),
            *(show_liveness, show_readiness, show_health, show_metrics),
        ],
        dependencies={
            "metrics": _given(metrics),
            "monitor": _given(monitor),
            "service": _given(service),
            "payments": _given(application.storage.payments),
            "process_payment": _given(application.process_payment),
        },
        before_request=_answer_options,
        request_class=ApiRequest,
        request_max_body_size=MAX_BODY_BYTES,
        exception_handlers={Exception: _refuse},
        openapi_config=openapi_config(service.version),
        state=State({"application": application}),
        logging_config=None,
        debug=False,
        pdb_on_exception=False,
    )


def _given(value: object) -> Provide:
    return Provide(lambda: value, sync_to_thread=False)


async def _answer_options(request: Request[Any, Any, Any]) -> Response[None] | None:
    """Answer OPTIONS. Left to itself, the framework tells the methods of the first handler of a path alone."""
    if request.method != "OPTIONS":
        return None
    path = request.scope["path_template"]
    methods = next(route.methods for route in request.app.routes if route.path_format == path)
    return Response(None, status_code=204, headers={"Allow": ", ".join(methods)})


def _refuse(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    refusal = refusal_of(error)
    return Response(
        refusal.content(request.state.request_id),
        status_code=refusal.status,
        headers=refusal.headers,
        media_type="application/json",
    )
