"""What the description says of the answers of every operation alike: their headers, and an example of each."""

from functools import partial
from inspect import getdoc
from types import NoneType
from typing import Any

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.plugins import ReceiveRoutePlugin
from litestar.response.base import ASGIResponse
from litestar.routes import BaseRoute

from .answer_headers import headers_of
from .answer_models import AnswerModel, NoExampleError, Shown
from .idempotency import is_idempotent
from .models import RequestModel

_SILENT = {202: "It was taken, and is seen to.", 204: "It is done."}


class AnswersPlugin(ReceiveRoutePlugin):
    """Refuses a route whose answer has no example as it is registered, and has its answers described."""

    def receive_route(self, route: BaseRoute) -> None:
        """
        Raises:
            NoExampleError: an operation answers with no AnswerModel, and declares no example of what else it gives.

        What it gives in ``other_forms``, by media type, are declared by an example each.
        """
        for handler in getattr(route, "route_handlers", ()):
            if not handler.resolve_include_in_schema() or handler.http_methods == {"OPTIONS"}:
                continue
            answer = _answer_of(handler)
            handler.response_description = (
                handler.response_description or _SILENT.get(handler.status_code) or getdoc(answer)
            )
            example = _example_of(handler, answer, route.path)
            handler.operation_class = partial(_described, handler, example, handler.operation_class)


def _answer_of(handler: HTTPRouteHandler) -> object:
    """The type of what is answered; that of None where there is no content."""
    shown = handler.parsed_fn_signature.return_type
    if shown.is_subclass_of(ASGIResponse):
        return NoneType  # what has content is of a type that says which
    if shown.is_subclass_of(Response):
        shown = shown.inner_types[0]
    answer: object = NoneType if shown.is_none_type else shown.annotation
    return answer


def _example_of(handler: HTTPRouteHandler, answer: object, path: str) -> object:
    if answer is NoneType:
        return None
    if isinstance(answer, type) and issubclass(answer, AnswerModel):
        return Shown.of(answer.example())
    if "example" not in handler.opt:
        raise NoExampleError(path)
    return handler.opt["example"]


def _described(
    handler: HTTPRouteHandler, example: object, operation_class: type[Operation], **given: Any
) -> Operation:
    operation = operation_class(**given)
    declared = {header.name for header in handler.resolve_response_headers()}
    own: dict[str, Any] = {}
    for status, response in (operation.responses or {}).items():
        if not isinstance(response, OpenAPIResponse):
            continue
        refuses = status >= "400" and "application/problem+json" in (response.content or {})
        alike = headers_of(
            status,
            counted=handler.opt["access"].is_counted,
            idempotent=is_idempotent(handler),
            refuses=refuses,
        )
        if status < "300":
            _exemplify(response, example)
            for form, shown in handler.opt.get("other_forms", {}).items():
                response.content = {
                    **(response.content or {}),
                    form: OpenAPIMediaType(Schema(type=OpenAPIType.STRING), example=shown),
                }
            own = own or {
                name: header for name, header in (response.headers or {}).items() if name in declared
            }
        response.headers = {**(own if status < "400" else {}), **alike}
    if isinstance(operation.request_body, RequestBody) and handler.parsed_data_field:
        model: type[RequestModel] = handler.parsed_data_field.annotation
        operation.request_body.required = not model.may_be_left_out()
        for content in operation.request_body.content.values():
            content.example = model.example()
    return operation


def _exemplify(response: OpenAPIResponse, example: object) -> None:
    for media_type, content in list((response.content or {}).items()):
        if isinstance(content.schema, Schema) and content.schema.type == OpenAPIType.NULL:
            del response.content[media_type]  # type: ignore[union-attr] # there is one
        elif content.examples is None:
            content.example = example
    response.content = response.content or None
