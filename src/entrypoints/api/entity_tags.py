"""
Entity tags: the version of a single thing, as its answers carry it and as requests are conditional on it.

Source: RFC 9110, sections 8.8.3 and 13.1.
"""

import re
from typing import Annotated, Any

from litestar import Request
from litestar.params import HeaderParameter

from ...core.kernel import ANY_THAT_IS_THERE, ANY_VERSION, ExpectedVersion

_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_LIST = re.compile(rf"(?:[ \t,]*{_TAG}[ \t]*(?=,|$))+[ \t,]*")
_VERSION = re.compile(r'"([1-9][0-9]{0,9})(?:\.[a-z0-9]+)?"')


def entity_tag(version: int, *beside: object) -> str:
    """
    The strong tag of what has *version*.

    Args:
        beside: What else is shown that changes without a new version.
    """
    return '"' + ".".join(map(str, (version, *beside))) + '"'


def expected_version(
    request: Request[Any, Any, Any],
    if_match: Annotated[
        str | None,
        HeaderParameter(
            name="If-Match",
            description="The `ETag` of what is to be changed, several, or `*`; if it has another by now, 412.",
            schema_extra={"oneOf": None, "type": "string"},
        ),
    ] = None,
) -> ExpectedVersion:
    """The version that ``If-Match`` asks for. A tag that is weak, or none of ours, is that of no version."""
    if if_match is None:
        return ANY_VERSION
    sent = _sent(request, "if-match")
    if sent == "*":
        return ANY_THAT_IS_THERE
    tags = map(_VERSION.fullmatch, _tags_in(sent))
    return ExpectedVersion(frozenset(int(tag[1]) for tag in tags if tag))


def is_known(request: Request[Any, Any, Any], tag: str) -> bool:
    """Whether ``If-None-Match`` says that the caller has what *tag* stands for."""
    sent = _sent(request, "if-none-match")
    return sent == "*" or tag in (known.removeprefix("W/") for known in _tags_in(sent))


def _sent(request: Request[Any, Any, Any], name: str) -> str:
    # A list may be sent in several lines.
    return ", ".join(request.headers.getall(name, [])).strip(" \t")


def _tags_in(sent: str) -> list[str]:
    return re.findall(_TAG, sent) if _LIST.fullmatch(sent) else []
