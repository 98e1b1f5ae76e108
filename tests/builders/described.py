"""Holds every answer that a test gets against the description of the API: its status, its headers, its content."""

import json
import re
from functools import cache
from typing import Any

from httpx import Response
from jsonschema_rs import Draft202012Validator

from quayside.entrypoints.api import openapi_document

# What HTTP itself, the browser's rules and the negotiation of forms add to any answer.
_OF_HTTP = {"content-type", "content-length", "content-encoding", "vary", "allow"}


async def check_described(response: Response) -> None:
    """
    Raises:
        AssertionError: nothing in the description would have led its reader to expect this answer.
    """
    operation = _operation(response.request.method.replace("HEAD", "GET"), response.request.url.path)
    if operation is None:
        return
    where = f"{response.request.method} {response.request.url.path} {response.status_code}"
    described = operation["responses"].get(str(response.status_code))
    assert described is not None, f"{where} is not described"
    names, needed = _headers(operation["operationId"], str(response.status_code))
    sent = {name for name in response.headers if not name.startswith("access-control-")} - _OF_HTTP
    assert sent <= names, f"{where}: {sent - names} are not described"
    assert needed <= sent, f"{where}: {needed - sent} are missing"
    content = described.get("content", {})
    await response.aread()
    if response.request.method == "HEAD" or not (content or response.content):
        return
    form = response.headers["content-type"].split(";")[0]
    assert form in content, f"{where}: {form} is not described"
    if form.endswith("json"):
        validator = _validator(json.dumps(content[form]["schema"]))
        problems = [error.message for error in validator.iter_errors(response.json())]
        assert not problems, f"{where}: {problems}"


@cache
def description() -> dict[str, Any]:
    """The description of the API: made once, for that takes longer than most tests do."""
    return openapi_document()


@cache
def _patterns() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    # What stands for itself comes before what stands for anything.
    paths = sorted(description()["paths"].items(), key=lambda each: each[0].count("{"))
    return [(re.compile(re.sub(r"{\w+}", "[^/]+", path)), item) for path, item in paths]


@cache
def _operation(method: str, path: str) -> dict[str, Any] | None:
    for pattern, item in _patterns():
        if pattern.fullmatch(path) and method.lower() in item:
            operation: dict[str, Any] = item[method.lower()]
            return operation
    return None


@cache
def _described(operation_id: str, status: str) -> dict[str, Any]:
    answers: dict[str, Any] = next(
        operation["responses"]
        for item in description()["paths"].values()
        for operation in item.values()
        if operation["operationId"] == operation_id
    )
    answer: dict[str, Any] = answers[status]
    return answer


@cache
def _headers(operation_id: str, status: str) -> tuple[set[str], set[str]]:
    shared = description()["components"]["headers"]
    headers = {
        name.lower(): shared[name] if "$ref" in header else header
        for name, header in _described(operation_id, status)["headers"].items()
    }
    return set(headers), {name for name, header in headers.items() if header["required"]}


@cache
def _validator(schema: str) -> Draft202012Validator:
    # By the schema, because a thousand answers share thirty, and to make one takes longer than most requests.
    return Draft202012Validator({**json.loads(schema), "components": description()["components"]})
