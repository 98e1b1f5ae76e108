"""How the API describes itself: OpenAPI 3.1."""

from collections.abc import Iterable, Mapping
from typing import Any

from litestar import Request, Router
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, License, Reference, SecurityScheme, Tag

from .answer_headers import HEADERS
from .errors import ErrorResponse
from .reference_page import ReferencePage

BEARER = "bearer"
COOKIE = "cookie"

_ALWAYS = (400, 500, 503, 504)

DESCRIPTIONS: Mapping[int, str] = {
    400: "The request is not valid: `validation_failed`, with every failing field, or `invalid_json`.",
    401: "Who calls is not known: `unauthorized`, `session_expired`.",
    402: "The card was declined; the payment is kept, as `Failed` if it was new: `card_declined`.",
    403: "Who calls may not do this, or its browser was made to by a foreign page: `forbidden`.",
    404: "There is no such thing, or none that the caller may see: `not_found`.",
    406: "The answer has none of the forms that `Accept` names: `not_acceptable`.",
    409: "Something else has that already, somebody else was faster, or the same is under way: `conflict`, "
    "`concurrency_conflict`, `idempotency_in_progress`.",
    412: "It has changed since the caller saw it, as `If-Match` tells: `precondition_failed`.",
    413: "The body is over 1 MiB: `payload_too_large`.",
    415: "The body is not `application/json`: `unsupported_media_type`.",
    422: "The rules of the business forbid it: `business_rule_violation` or a sharper code, `idempotency_key_reused`.",
    429: "Too many requests; try again after `Retry-After`: `rate_limit_exceeded`.",
    500: "Something went wrong on our side: `internal_error`.",
    502: "A system outside could not be reached, and surely did nothing: `external_service_error`.",
    503: "Something we need does not answer now; try again: `service_unavailable`, `database_connection_error`.",
    504: "The request took too long: `timeout`.",
}


def refusals(*statuses: int) -> dict[int, ResponseSpec]:
    """Describe the errors of an operation: those of *statuses*, and those that any operation may have."""
    return errors_of({*statuses, *_ALWAYS})


def errors_of(statuses: Iterable[int]) -> dict[int, ResponseSpec]:
    """Describe the errors of *statuses*, and none else."""
    return {
        status: ResponseSpec(ErrorResponse, description=DESCRIPTIONS[status], generate_examples=False)
        for status in sorted(statuses)
    }


async def _only_known_pages(request: Request[Any, Any, Any]) -> None:
    # The framework answers any other page beneath /schema in HTML of its own; errors have one shape here.
    if request.path_params:
        raise NotFoundException


def openapi_config(version: str, *, cookie_name: str, opt: Mapping[str, Any]) -> OpenAPIConfig:
    """
    What the description says of the whole, and where it is served.

    Args:
        opt: What the routes that serve it declare.
    """
    return OpenAPIConfig(
        title="quayside",
        version=version,
        description="The transactional core of a commerce back end.",
        license=License(name="MIT", identifier="MIT"),
        tags=[
            Tag("identity", "Who calls: accounts, sessions, and what each role may do."),
            Tag("customers", "Who buys, and how they are forgotten."),
            Tag("payments", "Money taken from customers through a gateway."),
            Tag("catalogue", "What is sold, and at what price."),
            Tag("inventory", "What lies in warehouses, and how much of it is reserved."),
            Tag("orders", "What customers order, what it comes to, and what becomes of it."),
            Tag("operations", "How the service is, and what it measures."),
        ],
        components=Components(security_schemes=_security_schemes(cookie_name), headers=dict(HEADERS)),
        use_handler_docstrings=True,
        operation_id_creator=lambda handler, _method, _path: handler.handler_name,
        render_plugins=[ReferencePage(), JsonRenderPlugin()],
        openapi_router=Router(
            "/schema",
            route_handlers=[],
            include_in_schema=False,
            before_request=_only_known_pages,
            opt=dict(opt),
        ),
    )


def _security_schemes(cookie_name: str) -> dict[str, SecurityScheme | Reference]:
    return {
        BEARER: SecurityScheme(
            type="http",
            scheme="bearer",
            description="The token of a session, from login, or an access token (JWT).",
        ),
        COOKIE: SecurityScheme(
            type="apiKey",
            name=cookie_name,
            security_scheme_in="cookie",
            description="What login sets in a browser. What changes anything needs an `Origin` that is allowed, too.",
        ),
    }
