"""What a caller shows: a bearer token, or the cookie of a browser, which sends it whoever asks it to."""

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from attrs import frozen
from litestar.datastructures import Cookie

from ...core.identity import UnauthenticatedError
from ...core.kernel import PermissionDeniedError, Secret

_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)  # RFC 6750, 2.1; RFC 9110, 11.6.2
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})  # RFC 9110, 9.2.1
_COOKIE = "session-token"


class ForeignOriginError(PermissionDeniedError):
    """A browser sent the cookie, but no page of ours asked it to."""

    def __init__(self) -> None:
        super().__init__("A request with the cookie must come from an origin that is allowed here.")


@frozen
class Credentials:
    """
    Args:
        token: Of a session, or a JWT.
        in_cookie: Whether a browser added it by itself.
    """

    token: Secret
    in_cookie: bool


@frozen
class SessionCookie:
    """
    The cookie that holds a session's token, out of the reach of scripts.

    Args:
        is_secure: Whether it travels encrypted only; ``__Host-`` then makes browsers refuse any that a neighbouring
            host or an unencrypted connection tries to plant.
    """

    is_secure: bool

    @property
    def name(self) -> str:
        """Under which browsers keep it."""
        return f"__Host-{_COOKIE}" if self.is_secure else _COOKIE

    def holding(self, token: str, *, until: datetime, now: datetime) -> Cookie:
        """Set it."""
        return self._cookie(token, max_age=round((until - now).total_seconds()))

    def cleared(self) -> Cookie:
        """Make the browser forget it."""
        return self._cookie("", max_age=0)

    def _cookie(self, value: str, max_age: int) -> Cookie:
        return Cookie(
            self.name,
            path="/",
            value=value,
            max_age=max_age,
            secure=self.is_secure,
            httponly=True,
            samesite="Lax",  # type: ignore[arg-type]  # as RFC 6265bis writes it
        )


def credentials_of(scope: Mapping[str, Any], cookie: SessionCookie) -> Credentials:
    """
    What the request shows. Where there is an ``Authorization``, the cookie does not count.

    Raises:
        UnauthenticatedError: nothing, several of a kind, or what is no bearer token.
    """
    authorization = _values(scope, b"authorization")
    if authorization:
        bearer = _BEARER.fullmatch(authorization[0])
        if bearer is None or len(authorization) > 1:
            raise UnauthenticatedError
        return Credentials(Secret(bearer[1]), in_cookie=False)
    tokens = [
        value
        for header in _values(scope, b"cookie")
        for name, _, value in (pair.strip().partition("=") for pair in header.split(";"))
        if name == cookie.name
    ]
    # Of two that go by the same name, somebody else may have planted one.
    if len(tokens) != 1:
        raise UnauthenticatedError
    return Credentials(Secret(tokens[0]), in_cookie=True)


def check_origin(scope: Mapping[str, Any], allowed: Collection[str]) -> None:
    """
    Refuse a request that changes something, and that no page of an allowed origin sent.

    Browsers say where a request comes from in ``Origin``, and newer ones whether that is where it goes to in
    ``Sec-Fetch-Site``; no page can forge either. The ``Host`` of a request is not asked: it is the caller's word for
    who we are. The address of our own socket is.

    Args:
        allowed: Origins as browsers write them: ``https://shop.example``.

    Raises:
        ForeignOriginError.

    Source: OWASP Cross-Site Request Forgery Prevention Cheat Sheet, on Fetch Metadata and on verifying the origin.
    """
    if scope["method"] in _SAFE_METHODS or _values(scope, b"sec-fetch-site") == ["same-origin"]:
        return
    origins = _values(scope, b"origin")
    if len(origins) != 1 or origins[0] not in {*allowed, _origin_of_socket(scope)}:
        raise ForeignOriginError


def origin_of(url: str) -> str:
    """The origin of *url*, as browsers write it (RFC 6454, 6.2): no path, no port that goes without saying."""
    parts = urlsplit(url)
    port = "" if parts.port in (None, {"http": 80, "https": 443}.get(parts.scheme)) else f":{parts.port}"
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}{port}"


def _origin_of_socket(scope: Mapping[str, Any]) -> str | None:
    host, port = scope.get("server") or ("", None)
    if port is None:  # one in the file system
        return None
    return origin_of(f"{scope['scheme']}://{f'[{host}]' if ':' in host else host}:{port}")


def _values(scope: Mapping[str, Any], name: bytes) -> list[str]:
    return [value.decode("latin-1") for sent_name, value in scope["headers"] if sent_name == name]
