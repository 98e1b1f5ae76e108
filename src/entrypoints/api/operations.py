"""Routes for whoever runs the service: how it is, and what it measures."""

from datetime import datetime

from litestar import MediaType, Response, get
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Example

from .access import OPEN
from .answer_models import EXAMPLE_TIME, AnswerModel, Shown
from .health import Finding, Health
from .requests import ApiRequest

_TAGS = ["operations"]


class StatusResponse(AnswerModel):
    """How the service is, in a word."""

    status: Health

    @classmethod
    def example(cls) -> "StatusResponse":
        return cls(Health.HEALTHY)


class CheckResponse(AnswerModel):
    """How one dependency was when it was last asked."""

    status: Health
    response_time_ms: float
    last_check: datetime
    details: dict[str, str]

    @classmethod
    def of(cls, finding: Finding) -> "CheckResponse":
        details = {"reason": finding.reason} if finding.reason else {}
        return cls(finding.health, round(finding.seconds * 1000, 3), finding.at, details)

    @classmethod
    def example(cls) -> "CheckResponse":
        return cls(Health.HEALTHY, 0.412, EXAMPLE_TIME, {})


class HealthResponse(AnswerModel):
    """How the service is, and how each of its dependencies is."""

    status: Health
    version: str
    uptime_seconds: float
    checks: dict[str, CheckResponse]

    @classmethod
    def example(cls) -> "HealthResponse":
        return cls(Health.HEALTHY, "1.0.0", 86_400.5, {"database": CheckResponse.example()})


def _unhealthy(example: StatusResponse | HealthResponse) -> dict[int, ResponseSpec]:
    return {
        503: ResponseSpec(
            type(example),
            description="The service is of no use now.",
            examples=[Example(value=Shown.of(example))],
        )
    }


@get("/health/live", access=OPEN, summary="Show liveness", tags=_TAGS)
async def show_liveness() -> StatusResponse:
    """Tell that the process answers, whatever it depends on."""
    return StatusResponse(Health.HEALTHY)


@get(
    "/health/ready",
    access=OPEN,
    summary="Show readiness",
    tags=_TAGS,
    responses=_unhealthy(StatusResponse(Health.UNHEALTHY)),
)
async def show_readiness(request: ApiRequest) -> Response[StatusResponse]:
    """Tell whether requests can be served now; 503 where they cannot."""
    report = await request.served.monitor.report()
    return Response(StatusResponse(report.health), status_code=_status_of(report.health))


@get(
    "/health",
    access=OPEN,
    summary="Show health",
    tags=_TAGS,
    responses=_unhealthy(
        HealthResponse(
            Health.UNHEALTHY,
            "1.0.0",
            86_400.5,
            {"database": CheckResponse(Health.UNHEALTHY, 2_000.0, EXAMPLE_TIME, {"reason": "timeout"})},
        )
    ),
)
async def show_health(request: ApiRequest) -> Response[HealthResponse]:
    """Tell how the service and each of its dependencies is; 503 only where it is unhealthy."""
    served = request.served
    report = await served.monitor.report()
    checks = {name: CheckResponse.of(finding) for name, finding in report.findings.items()}
    body = HealthResponse(report.health, served.version, round(served.uptime_s, 3), checks)
    return Response(body, status_code=_status_of(report.health))


@get(
    "/metrics",
    access=OPEN,
    summary="Show measurements",
    tags=_TAGS,
    media_type=MediaType.TEXT,
    response_description="All measurements.",
    example='quayside_http_requests_total{method="GET",route="/health",status="200"} 7.0\n',
)
async def show_metrics(request: ApiRequest) -> Response[bytes]:
    """Give all measurements in the text format of Prometheus."""
    # The framework adds the charset to every text.
    measurements = request.served.measurements
    rendered = await measurements.render()
    media_type = measurements.metrics.content_type.removesuffix("; charset=utf-8")
    return Response(rendered, media_type=media_type)


def _status_of(health: Health) -> int:
    return 503 if health is Health.UNHEALTHY else 200


ROUTES = (show_liveness, show_readiness, show_health, show_metrics)
