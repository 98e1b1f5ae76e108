"""
Who may call an operation, and how often: declared beside its route, held to by the gate, told by the description.

    @get("/payments", access=allowed_to(Permission.PAYMENTS_READ))
"""

from functools import partial
from typing import Any

from attrs import evolve, frozen
from litestar.plugins import ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute

from ...core.kernel import InternalError, Permission
from ...core.resilience import RateLimit
from .described_operation import DescribedOperation
from .documentation import BEARER, COOKIE, errors_of

REQUESTS_OF_CALLER = RateLimit("requests_of_caller", 600, window_s=60)
"""What anybody may ask, all operations together; a caller is a user, or else an address."""

_SAFE_METHODS = frozenset({"GET", "HEAD"})
_OF_ANY = (500, 504)  # whatever an operation does, it can fail, or take too long


@frozen(kw_only=True)
class Access:
    """
    Who may call an operation, and how often.

    Args:
        needs_login: Whether the caller must be known. Where it need not be, what it shows is not looked at.
        permission: What its roles must allow, on anything at all; which thing is the use case's to decide.
        is_counted: Whether calls count against `REQUESTS_OF_CALLER`.
        limit: What an address may ask of this operation alone.
    """

    needs_login: bool
    permission: Permission | None = None
    is_counted: bool = True
    limit: RateLimit | None = None

    def refusals(self, method: str) -> tuple[int, ...]:
        """The statuses with which it may refuse a call by *method*."""
        may_forbid = self.permission is not None or (self.needs_login and method not in _SAFE_METHODS)
        asked = {401: self.needs_login, 403: may_forbid, 429: self.is_counted}
        return tuple(status for status, is_asked in asked.items() if is_asked)


OPEN = Access(needs_login=False, is_counted=False)
"""Anyone, as often as they like: what probes and other services poll, and what is about nobody."""

ANYONE = Access(needs_login=False)
"""Anyone, logged in or not."""

LOGGED_IN = Access(needs_login=True)
"""Whoever has logged in, whatever its roles."""


def anyone_within(limit: RateLimit) -> Access:
    """Anyone, and each address so often."""
    return evolve(ANYONE, limit=limit)


def allowed_to(permission: Permission) -> Access:
    """Whoever has a role that allows this."""
    return evolve(LOGGED_IN, permission=permission)


class UndeclaredAccessError(InternalError):
    """A route does not say who may call it."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} declares no access.")


class AccessPlugin(ReceiveRoutePlugin):
    """Refuses a route that declares no access as it is registered, and has those that do described."""

    def receive_route(self, route: BaseRoute) -> None:
        """
        Raises:
            UndeclaredAccessError: an operation of the route says nothing, so nobody would be kept out.
        """
        if not isinstance(route, HTTPRoute):
            raise UndeclaredAccessError(route.path)
        for handler in route.route_handlers:
            if handler.http_methods == {"OPTIONS"}:
                continue
            access: Any = handler.opt.get("access")
            if not isinstance(access, Access):
                raise UndeclaredAccessError(route.path)
            (method,) = handler.http_methods
            handler.responses = {
                **errors_of({*_OF_ANY, *access.refusals(method)}),
                **(handler.responses or {}),
            }
            handler.security = [{BEARER: []}, {COOKIE: []}] if access.needs_login else []
            # A class is asked for, and only called.
            handler.operation_class = partial(DescribedOperation, x_permission=access.permission)  # type: ignore[assignment]
