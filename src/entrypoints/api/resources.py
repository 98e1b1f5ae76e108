"""
Single resources: whatever shows one thing carries its entity tag, and whatever changes one heeds it.

Both follow from what a handler returns and takes, so that nobody has to think of it:

    async def change_user(…, expected: NamedDependency[ExpectedVersion]) -> UserResponse:
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, TypeVar

from litestar import Litestar, Request, Response
from litestar.datastructures import ResponseHeader
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Operation, Parameter, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.plugins import ReceiveRoutePlugin
from litestar.response.base import ASGIResponse
from litestar.routes import BaseRoute
from litestar.serialization import get_serializer

from ...core.kernel import ExpectedVersion, InternalError
from .answer_models import AnswerModel
from .documentation import errors_of
from .entity_tags import entity_tag, is_known

Content = TypeVar("Content")

_CHANGES = frozenset({"PATCH", "PUT", "DELETE"})
_ETAG = ResponseHeader(
    name="ETag",
    value=entity_tag(1),
    description="Another one after each change; what `If-Match` takes.",
    required=True,
    documentation_only=True,
)
_IF_NONE_MATCH = Parameter(
    name="If-None-Match",
    param_in="header",
    description="The `ETag` of what the caller has, several, or `*`; if it is still that, 304.",
    schema=Schema(type=OpenAPIType.STRING),
)
_JSON = "application/json"
_NOT_MODIFIED = ResponseSpec(None, description="The caller has it as it is.", generate_examples=False)


class Resource:
    """What shows one thing; the struct that it is mixed into has the version among its fields."""

    __slots__ = ()

    version: int

    @property
    def tag(self) -> str:
        """The entity tag; another one whenever anything that is shown is another."""
        return entity_tag(self.version)


class ApiResponse(Response[Content]):
    """An answer as our handlers give it: a resource goes out with its tag, or is left out where the caller has it."""

    def to_asgi_response(
        self, app: Litestar | None, request: Request[Any, Any, Any], **given: Any
    ) -> ASGIResponse:
        if isinstance(self.content, Resource):
            tag = self.headers["ETag"] = self.content.tag
            if request.method == "GET" and _sends_tags(request) and is_known(request, tag):
                return ASGIResponse(status_code=304, headers=self.headers)
        media_type = self.media_type or given.get("media_type")
        if media_type != _JSON or self.cookies or not isinstance(self.content, AnswerModel):
            return super().to_asgi_response(app, request, **given)
        return _JsonAnswer(
            self.status_code or given["status_code"],
            {**(given.get("headers") or {}), **self.headers},
            self.render(self.content, _JSON, get_serializer()),
        )


class _JsonAnswer(ASGIResponse):
    """
    What the framework would send, put together in a tenth of the time.

    It keeps headers in a mapping that searches itself for each, and is asked about four of them.
    """

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        # The base class's would do what this spares; of what it sets up, nothing is asked for but by its own methods.
        self.status_code = status
        self.body = body
        self._raw_headers = [
            *((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()),
            (b"content-type", _JSON.encode()),
            (b"content-length", str(len(body)).encode()),
        ]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG002 - as ASGI has it
        await send({"type": "http.response.start", "status": self.status_code, "headers": self._raw_headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


def _sends_tags(request: Request[Any, Any, Any]) -> bool:
    # All headers as the framework keeps them cost more than all the rest of an answer, and are seldom needed.
    return any(name == b"if-none-match" for name, _ in request.scope["headers"])


class UnconditionalError(InternalError):
    """A route shows or changes a single thing, and does not heed its tag."""

    def __init__(self, path: str, remedy: str) -> None:
        super().__init__(f"{path} must {remedy}.")


class ResourcePlugin(ReceiveRoutePlugin):
    """Refuses a route that goes past tags as it is registered, and has those that heed them described."""

    def receive_route(self, route: BaseRoute) -> None:
        """
        Raises:
            UnconditionalError: an operation shows one thing without its tag, or changes one unconditionally.
        """
        for handler in getattr(route, "route_handlers", ()):
            if handler.http_methods & _CHANGES and "{" in route.path:
                _describe_change(handler, route.path)
            if _shows_resource(handler, route.path):
                _describe_tag(handler)


def _shows_resource(handler: HTTPRouteHandler, path: str) -> bool:
    shown = handler.parsed_fn_signature.return_type
    if not shown.is_subclass_of(Response):
        return shown.is_subclass_of(Resource)
    if not any(content.is_subclass_of(Resource) for content in shown.inner_types):
        return False
    if not shown.is_subclass_of(ApiResponse):
        raise UnconditionalError(path, "answer with an ApiResponse")
    return True


def _describe_change(handler: HTTPRouteHandler, path: str) -> None:
    expected = handler.parsed_fn_signature.parameters.get("expected")
    if expected is None or not expected.is_subclass_of(ExpectedVersion):
        raise UnconditionalError(path, "take the version that its caller expects")
    # Whoever writes what others write, too, can be overtaken.
    handler.responses = {**(handler.responses or {}), **errors_of([409, 412])}


def _describe_tag(handler: HTTPRouteHandler) -> None:
    handler.response_headers = [*(handler.response_headers or ()), _ETAG]
    if "GET" in handler.http_methods:
        handler.responses = {**(handler.responses or {}), 304: _NOT_MODIFIED}
        # A class is asked for, and only called.
        handler.operation_class = partial(_with_if_none_match, handler.operation_class)  # type: ignore[assignment]


def _with_if_none_match(operation_class: type[Operation], **given: Any) -> Operation:
    operation = operation_class(**given)
    operation.parameters = [*(operation.parameters or ()), _IF_NONE_MATCH]
    return operation
