"""
What schemathesis, a process of its own, is told of the service: who calls, and what is true of every answer.

Environment:
    CALLER: ``nobody``, ``user`` or ``admin``.
    SERVICE: Its URL.
    ADMIN_PASSWORD: Of the account ``root``.
"""

import os
from itertools import count
from typing import Any
from uuid import uuid4

import httpx
import schemathesis

V1 = "/api/v1"
PASSWORD = "Analytical Engine 1843"
HEADERS_OF = {
    "401": ("WWW-Authenticate",),
    "405": ("Allow",),
    "429": ("Retry-After",),
    "503": ("Retry-After",),
}
FORMS = {"application/json": {"error", "request_id"}, "application/problem+json": {"type", "title", "status"}}

serial = count()


@schemathesis.check
def has_what_every_answer_has(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> None:
    """Its ids, a header for each thing that its status promises, and the shape of all errors."""
    headers = {name.lower(): values[0] for name, values in response.headers.items()}
    assert headers.get("x-request-id"), "no X-Request-ID"
    assert headers.get("traceparent"), "no traceparent"
    for name in HEADERS_OF.get(str(response.status_code), ()):
        assert headers.get(name.lower()), f"no {name}"
    is_a_routes = response.request.method != "OPTIONS" and response.status_code not in (404, 405)
    if case.path.startswith(V1) and is_a_routes:
        assert headers.get("cache-control") == "no-store", "it may be stored"
        if response.status_code not in (401, 403):  # which are known before anybody is counted
            assert headers.get("ratelimit-remaining"), "no RateLimit-Remaining"
    if response.status_code >= 400 and not case.path.startswith("/health"):
        check_error(response, headers, is_head=case.method.upper() == "HEAD")


def check_error(response: schemathesis.Response, headers: dict[str, str], *, is_head: bool) -> None:
    form = headers.get("content-type", "none")
    assert form in FORMS, f"an error as {form}"
    if is_head:
        return
    body = response.json()
    assert body.keys() >= FORMS[form], "another shape"
    if form == "application/json":
        assert body.keys() == FORMS[form], "another shape"
        assert {"code", "message"} <= body["error"].keys(), "no code or message"
        assert body["request_id"] == headers["x-request-id"], "another request's id"


if os.environ["CALLER"] != "nobody":

    @schemathesis.auth(refresh_interval=2)
    class Caller:
        """A session, often a new one: what is asked for may well end it, or the account."""

        def get(self, case: schemathesis.Case[Any], context: schemathesis.AuthContext) -> str:
            username, password = "root", os.environ["ADMIN_PASSWORD"]
            with httpx.Client(base_url=os.environ["SERVICE"]) as client:
                if os.environ["CALLER"] == "user":
                    username, password = f"user_{uuid4().hex[:12]}_{next(serial)}", PASSWORD
                    account = {"username": username, "email": f"{username}@example.com", "password": password}
                    client.post(f"{V1}/auth/register", json=account).raise_for_status()
                login = client.post(f"{V1}/auth/login", json={"username": username, "password": password})
                token: str = login.raise_for_status().json()["token"]
                return token

        def set(self, case: schemathesis.Case[Any], data: Any, context: schemathesis.AuthContext) -> None:
            case.headers["Authorization"] = f"Bearer {data}"
