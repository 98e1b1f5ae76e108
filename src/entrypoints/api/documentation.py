"""How the API describes itself: OpenAPI 3.1."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Router
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import License, Tag

from .errors import ErrorResponse
from .reference_page import ReferencePage

_ALWAYS = (400, 500, 503, 504)

_DESCRIPTIONS: Mapping[int, str] = {
    400: "The request is not valid: `validation_failed`, with every failing field, or `invalid_json`.",
    402: "The card was declined; the payment is kept as `Failed`: `card_declined`.",
    404: "There is no such thing: `not_found`.",
    413: "The body is over 1 MiB: `payload_too_large`.",
    415: "The body is not `application/json`: `unsupported_media_type`.",
    500: "Something went wrong on our side: `internal_error`.",
    502: "A system outside could not be reached, and surely did nothing: `external_service_error`.",
    503: "Something we need does not answer now; try again: `service_unavailable`, `database_connection_error`.",
    504: "The request took too long: `timeout`.",
}


def refusals(*statuses: int) -> dict[int, ResponseSpec]:
    """Describe the errors of an operation: those of *statuses*, and those that any operation may have."""
    return {
        status: ResponseSpec(ErrorResponse, description=_DESCRIPTIONS[status], generate_examples=False)
        for status in sorted({*statuses, *_ALWAYS})
    }


async def _only_known_pages(request: Request[Any, Any, Any]) -> None:
    # The framework answers any other page beneath /schema in HTML of its own; errors have one shape here.
    if request.path_params:
        raise NotFoundException


def openapi_config(version: str) -> OpenAPIConfig:
    """What the description says of the whole, and where it is served."""
    return OpenAPIConfig(
        title="quayside",
        version=version,
        description="The transactional core of a commerce back end.",
        license=License(name="MIT", identifier="MIT"),
        tags=[
            Tag("payments", "Money taken from customers through a gateway."),
            Tag("operations", "How the service is, and what it measures."),
        ],
        use_handler_docstrings=True,
        operation_id_creator=lambda handler, _method, _path: handler.handler_name,
        render_plugins=[ReferencePage(), JsonRenderPlugin()],
        openapi_router=Router(
            "/schema", route_handlers=[], include_in_schema=False, before_request=_only_known_pages
        ),
    )
