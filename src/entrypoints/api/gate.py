"""The one way in: who calls, whether that one may, and not too often, before a word of the body is read."""

from contextlib import AbstractContextManager
from functools import cache
from typing import Any
from uuid import UUID

from attrs import evolve, frozen
from litestar.exceptions import NotFoundException

from ...core.eventlog import acting_for, present_origin
from ...core.identity import Device
from ...core.kernel import NotFoundError, PermissionDeniedError, Principal
from ...core.resilience import RateLimit, RateLimitExceededError, RateVerdict
from .access import REQUESTS_OF_CALLER, Access
from .client_address import Address, client_address
from .credentials import check_origin, credentials_of
from .edge import ASGIApp, Receive, Scope, Send
from .errors import rate_headers
from .served import served_by


@frozen
class Gate:
    """
    An ASGI middleware inside the routing, which lets a request through to its handler as its `Access` says.

    What was found out is in the scope from there on: the ``Principal`` as ``user``, the ``Credentials`` as ``auth``,
    the address of the client as ``client_address`` in the state.
    """

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "OPTIONS":  # tells the methods alone, and browsers ask it without credentials
            await self.app(scope, receive, send)
            return
        _check_ids(scope)
        access: Access = scope["route_handler"].opt["access"]
        address = client_address(scope, served_by(scope).application.settings.trusted_proxies)
        scope["state"]["client_address"] = address
        scope["user"] = scope["auth"] = None
        try:
            await self._admit(scope, access)
        finally:
            # What is refused counts, too; but a caller hears of it before it hears that it asks too often.
            verdict = await self._counted(scope, access, address)
            scope["state"]["may_be_recorded"] = verdict is None or verdict.allowed
        if verdict and not verdict.allowed:
            raise RateLimitExceededError(verdict)
        with _acting(scope["user"]):
            await self.app(scope, receive, send)

    async def _admit(self, scope: Scope, access: Access) -> None:
        if not access.needs_login:
            return
        served = served_by(scope)
        credentials = credentials_of(scope, served.cookie)
        principal = await served.application.identity.authenticate(credentials.token.reveal())
        scope["user"], scope["auth"] = principal, credentials
        if credentials.in_cookie:
            check_origin(scope, served.allowed_origins)
        if access.permission:
            principal.require(access.permission)

    async def _counted(self, scope: Scope, access: Access, address: Address | None) -> RateVerdict | None:
        """Count the call. Of several limits, the one that leaves the least is the one to be told of."""
        if not access.is_counted:
            return None
        principal: Principal | None = scope["user"]
        caller = f"user:{principal.user_id}" if principal else f"address:{_site(address)}"
        application = served_by(scope).application
        factor = application.settings.rate_limit_factor
        verdicts = [await application.request_limiter.hit(_multiplied(factor, REQUESTS_OF_CALLER), caller)]
        if access.limit:
            limit = _multiplied(factor, access.limit)
            verdicts.append(await application.rate_limiter.hit(limit, _site(address)))
        verdict = min(verdicts, key=lambda each: (each.allowed, each.remaining))
        # Whoever is counted is answered about its own affairs, which are nobody else's to keep.
        scope["state"]["answer_headers"].update(rate_headers(verdict), **{"Cache-Control": "no-store"})
        return verdict


async def record_denial(error: Exception, scope: Scope) -> None:
    """
    Keep in the audit trail that a known caller was denied something, or that it was hidden from it.

    The framework calls this with everything that the gate or a handler raises. Whoever asks too often adds nothing:
    nobody else's denials are to be lost in a flood.
    """
    principal: Principal | None = scope.get("user")
    if principal is None or not scope["state"].get("may_be_recorded"):
        return
    match error:
        case PermissionDeniedError() | NotFoundError(hidden=True):
            identity = served_by(scope).application.identity
            permission: Any = error.details.get("permission")
            with _acting(principal):
                await identity.record_denial(principal, scope["route_handler"].handler_name, permission)


def _check_ids(scope: Scope) -> None:
    """
    Take an id in its one form alone. The framework takes a UUID in braces, without dashes, as a URN.

    Raises:
        NotFoundException: there is nothing at an address that spells it otherwise.
    """
    for value in scope["path_params"].values():
        if isinstance(value, UUID) and str(value) not in scope["path"].lower().split("/"):
            raise NotFoundException


def _site(address: Address | None) -> str:
    return str(Device(str(address) if address else None).site)


@cache
def _multiplied(factor: int, limit: RateLimit) -> RateLimit:
    return evolve(limit, count=limit.count * factor)


def _acting(principal: Principal | None) -> AbstractContextManager[None]:
    origin = present_origin()
    return acting_for(origin.by(principal.user_id) if principal else origin)
