"""The key that a caller sends, and what tells whether the same is asked under it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Context, Decimal

import msgspec
from attrs import evolve, frozen
from pydantic import Field

from ...core.kernel import FieldError
from .exact_json import JsonObject
from .models import RequestModel

HEADER = "Idempotency-Key"
FIELD = "idempotency_key"

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_ESCAPED = re.compile(r'\\(["\\])')
_CANONICAL = msgspec.json.Encoder(order="sorted", decimal_format="number")
_EXACT = Context(prec=64)  # no number in a body has more digits


class KeyedRequest(RequestModel):
    """A request body that may hold the key of what it asks for."""

    idempotency_key: str | None = Field(
        default=None,
        description=f"The same as the header `{HEADER}`, for callers who cannot set one.",
        json_schema_extra={"minLength": 1, "maxLength": 255},
    )


@frozen
class _Place:
    """Where a key may be sent, and the keys found there."""

    field: str
    sent: Sequence[str]

    @property
    def key(self) -> str | None:
        return _unquoted(self.sent[0]) if self.sent else None

    def errors(self) -> Iterator[FieldError]:
        if len(self.sent) > 1:
            yield FieldError(self.field, "is given more than once", "repeated_field")
        elif self.key is not None and not _KEY.fullmatch(self.key):
            yield FieldError(self.field, "must be 1-255 visible ASCII characters", "invalid_format")


def key_in(headers: Sequence[str], body: JsonObject) -> tuple[str | None, JsonObject]:
    """
    The key that was sent with *body*, and the body with what is wrong about the key among its errors.

    Args:
        headers: The values of every ``Idempotency-Key``.
    """
    value = body.members.get(FIELD)
    in_header = _Place(HEADER, headers)
    in_body = _Place(FIELD, [value] if isinstance(value, str) else [])
    errors = [*in_header.errors(), *in_body.errors()]
    if not errors and headers and in_body.sent and in_header.key != in_body.key:
        errors.append(FieldError(FIELD, f"is another key than the header {HEADER} has", "mismatch"))
    known = in_header.key if headers else in_body.key
    return known, evolve(body, field_errors=(*body.field_errors, *errors))


def canonical(members: Mapping[str, object]) -> bytes:
    """What is asked for: the same JSON for the same body, without its key, and without a trace of any cvv."""
    asked = {name: value for name, value in members.items() if name != FIELD}
    return _CANONICAL.encode(_comparable(asked))


def _comparable(node: object) -> object:
    match node:
        case Mapping():
            return {name: _comparable(value) for name, value in node.items() if name != "cvv"}
        case list():
            return [_comparable(item) for item in node]
        case bool():
            return node
        case int() | Decimal():
            return _EXACT.normalize(Decimal(node))
        case _:
            return node


def _unquoted(text: str) -> str:
    """The key in *text*: quoted as a string of structured fields is (RFC 9651, 3.3.3), or bare."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        return _ESCAPED.sub(r"\1", text[1:-1])
    return text
