"""
JSON read to the letter: numbers exactly, every name once, text normalized.

What is no JSON at all is refused as a whole; what is JSON, but of a kind that nothing here takes, becomes an error of
the field it stands in, to be reported together with all others.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import NoReturn

from attrs import field, frozen

from ...core.kernel import Category, FieldError, QuaysideError
from ...core.kernel.validation import normalized

MAX_FIELD_ERRORS = 1_000
"""A body within its limit can have a hundred thousand bad fields, and no reader for an error on each."""

_MAX_DEPTH = 64
_MAX_NUMBER_CHARACTERS = 64
_MAX_ITEMS = 10_000  # no rule leaves room for as many: the longest text of JSON that any takes has 16 KiB
_MAX_EXPONENT = 308  # of a double: what any other reader of our JSON can be expected to take


class InvalidJsonError(QuaysideError):
    """The body is no JSON object in UTF-8."""

    code = "invalid_json"
    category = Category.VALIDATION


@frozen
class JsonObject:
    """
    A JSON object as it was sent.

    Args:
        members: By name; a number is an int or a Decimal. What cannot be taken is None, and has a field error.
        field_errors: Names that came twice, numbers and lists that cannot be taken; the first `MAX_FIELD_ERRORS`.
    """

    members: Mapping[str, object]
    field_errors: tuple[FieldError, ...] = ()


def read_json_object(body: bytes) -> JsonObject:
    """
    Read a request body.

    Raises:
        InvalidJsonError: it is not UTF-8, malformed, nested too deeply, or no object.
    """
    try:
        tree = json.loads(
            body.decode("utf-8"),
            parse_int=_number,
            parse_float=_number,
            parse_constant=_no_constant,
            object_pairs_hook=_Pairs,
        )
    except UnicodeDecodeError:
        raise InvalidJsonError("The body is not UTF-8.") from None
    except (ValueError, RecursionError):
        raise InvalidJsonError("The body is not well-formed JSON.") from None
    if not isinstance(tree, _Pairs):
        raise InvalidJsonError("The body must be a JSON object.")
    reading = _Reading()
    members = reading.mapping(tree, ())
    return JsonObject(members, tuple(reading.errors))


class _Unusable:
    """Stands where a number was that nothing here could hold."""


class _Pairs(list[tuple[str, object]]):
    """The members of one object as they came, names perhaps more than once."""


def _number(text: str) -> object:
    if len(text) > _MAX_NUMBER_CHARACTERS:
        return _Unusable()
    if text.lstrip("-").isdigit():
        return int(text)
    # The exponent is looked at before Decimal is, which refuses one it cannot hold.
    exponent = text.lower().partition("e")[2]
    return Decimal(text) if abs(int(exponent or 0)) <= _MAX_EXPONENT else _Unusable()


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON (RFC 8259, 6)")


@frozen
class _Reading:
    errors: list[FieldError] = field(factory=list)

    def mapping(self, pairs: _Pairs, path: tuple[str | int, ...]) -> dict[str, object]:
        members: dict[str, object] = {}
        repeated: set[str] = set()
        for sent_name, node in pairs:
            normal = normalized(sent_name)
            name = _writable(normal)
            if name != normal:
                self._refuse(path, name, "contains characters that are not allowed", "invalid_characters")
            if name in members and name not in repeated:
                repeated.add(name)
                self._refuse(path, name, "is given more than once", "repeated_field")
            members[name] = self._value(node, path, name)
        return members

    # A path is put together for what has parts, or is refused; for every number of a long list it would cost too much.
    def _value(self, node: object, path: tuple[str | int, ...], name: str | int) -> object:
        if len(path) >= _MAX_DEPTH:
            raise InvalidJsonError("The body is nested too deeply.")
        match node:
            case str():
                return normalized(node)
            case _Pairs():
                return self.mapping(node, (*path, name))
            case list() if len(node) > _MAX_ITEMS:
                self._refuse(path, name, f"must have at most {_MAX_ITEMS:,} items", "too_long")
                return None
            case list():
                inner = (*path, name)
                return [self._value(item, inner, index) for index, item in enumerate(node)]
            case _Unusable():
                self._refuse(path, name, "is a number too long or too large to be taken", "out_of_range")
                return None
            case _:
                return node

    def _refuse(self, path: tuple[str | int, ...], name: str | int, message: str, code: str) -> None:
        if len(self.errors) < MAX_FIELD_ERRORS:
            self.errors.append(FieldError(".".join(map(str, (*path, name))), message, code))


def _writable(text: str) -> str:
    """The text with its lone surrogates escaped: no UTF-8 can hold them, so no answer could name them."""
    return text.encode("utf-8", "backslashreplace").decode()
