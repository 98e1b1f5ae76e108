"""
Doing once what is asked for more than once under one key: declared beside a route, and none of its handler's business.

    @post("/payments", access=…, idempotent=True)
    async def create_payment(data: JSONBody[CreatePaymentRequest], operation_id: NamedDependency[UUID], …)

What the handler does is known by ``operation_id``, the same one wherever an attempt goes on with what another began.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

from litestar import Request
from litestar.handlers import HTTPRouteHandler
from litestar.params import HeaderParameter
from litestar.plugins import ReceiveRoutePlugin
from litestar.routes import BaseRoute

from ...core.kernel import InternalError, Principal, ValidationFailedError
from ...core.resilience import Claim
from .documentation import errors_of
from .exact_json import JsonObject
from .first_answers import AnsweredBeforeError
from .idempotency_keys import HEADER, KeyedRequest, canonical, key_in
from .models import RequestModel
from .served import served_by


class MisdeclaredIdempotencyError(InternalError):
    """A route says that it takes keys, and could not hold to it."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} is idempotent, so it takes a login, a KeyedRequest, and an operation_id.")


class IdempotencyPlugin(ReceiveRoutePlugin):
    """Refuses a route that is declared idempotent and cannot be, and has those that can be described."""

    def receive_route(self, route: BaseRoute) -> None:
        """
        Raises:
            MisdeclaredIdempotencyError.
        """
        for handler in getattr(route, "route_handlers", ()):
            if not is_idempotent(handler):
                continue
            data = handler.parsed_data_field
            takes_key = data is not None and issubclass(data.annotation, KeyedRequest)
            takes_id = "operation_id" in handler.parsed_fn_signature.parameters
            if not (takes_key and takes_id and handler.opt["access"].needs_login):
                raise MisdeclaredIdempotencyError(route.path)
            handler.responses = {**errors_of((409, 422)), **(handler.responses or {})}


def is_idempotent(handler: HTTPRouteHandler) -> bool:
    """Whether the handler's route is declared to take keys."""
    return handler.opt.get("idempotent") is True


async def read_keyed(
    request: Request[Any, Any, Any], model: type[RequestModel], sent: JsonObject
) -> RequestModel:
    """
    Read a body, and claim the key that came with it, if one did.

    Raises:
        ValidationFailedError: as `RequestModel.read`, and also where it breaks rules: a key is claimed for what is
            valid.
        AnsweredBeforeError: to be answered with the first answer.
        IdempotencyKeyReusedError, IdempotencyInProgressError.
    """
    application = served_by(request.scope).application
    key, sent = key_in(request.headers.getall(HEADER, []), sent)
    read = model.read(sent, application)
    if key is None:
        return read
    if errors := model.rules(application).errors(sent.members):
        raise ValidationFailedError(errors)
    claimed = await claim_of(request, key, sent.members)
    if isinstance(claimed, bytes):
        raise AnsweredBeforeError(claimed)
    request.scope["state"]["claim"] = claimed
    return read


async def claim_of(
    request: Request[Any, Any, Any], key: str, asked: Mapping[str, object], part: str = ""
) -> Claim | bytes:
    """
    Claim *key* for what is *asked*, or give the answer that is kept under it.

    Args:
        part: What the key is for, where that is not the whole request.

    Raises:
        IdempotencyKeyReusedError, IdempotencyInProgressError.
    """
    application, principal = served_by(request.scope).application, request.user
    assert isinstance(principal, Principal)
    # As it was understood, not as it was spelled: an id in capitals is the same one.
    path = request.scope["path_template"].format_map(request.path_params)
    # The path, in which alone anything may stand, stands last.
    scope = f"{principal.user_id}\n{key}\n{request.method} {path}{part}"
    return await application.idempotency.keys.claim(
        sha256(scope.encode()).digest(),
        application.idempotency.fingerprint(canonical(asked)),
        application.new_id(),
    )


def operation_id(
    request: Request[Any, Any, Any],
    idempotency_key: Annotated[  # noqa: ARG001 - read with the body; it stands here for the description
        str | None,
        HeaderParameter(
            name=HEADER,
            description="Names what is asked for: sent again with it, the same is done once, and answered alike. "
            "1-255 visible ASCII characters, bare or quoted; kept for 24 hours.",
            schema_extra={"oneOf": None, "type": "string", "minLength": 1},
        ),
    ] = None,
) -> UUID:
    """What the request's operation is known by: that of its claim, or a new id where it has no key."""
    claim: Claim | None = request.scope["state"].get("claim")
    return claim.operation_id if claim else served_by(request.scope).application.new_id()
