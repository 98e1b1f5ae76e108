"""Queries: how parameters are described and read, those that ask for a page among them."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from uuid import UUID

from attrs import field, frozen
from litestar.params import QueryParameter

from ...core.kernel import (
    DateRange,
    FieldError,
    InvalidDateRangeError,
    PageRequest,
    SliceRequest,
    ValidationFailedError,
)
from ...core.kernel.validation import ValueRule, normalized
from ...core.kernel.validation import text as TEXT  # noqa: N812 - a rule, beside what it is asked of
from .cursors import ListCursors
from .models import uuid_of
from .moments import moment_of

Value = TypeVar("Value")
Choice = TypeVar("Choice", bound=StrEnum)

_FLAGS = {"true": True, "false": False}
_INTEGER = re.compile(r"-?[0-9]+")
_MOST_DIGITS = 18  # what is longer counts no pages
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def query(description: str, **schema: Any) -> QueryParameter:
    """
    A query parameter as it is described. It is taken as text and read here, because the framework would stop at the
    first that is wrong.
    """
    return QueryParameter(description=description, schema_extra={"oneOf": None, "type": "string", **schema})


PageNumber = Annotated[str | None, query("Which page.", type="integer", minimum=1, default=1)]
PageSize = Annotated[
    str | None, query("Items on a page.", type="integer", minimum=1, maximum=100, default=20)
]
Cursor = Annotated[
    str | None, query("In place of `page`: the `next_cursor` of the page before, which had the same filters.")
]
FromDate = Annotated[str | None, query("The first day of `created_at`, in UTC.", format="date")]
ToDate = Annotated[str | None, query("The last day of `created_at`, in UTC.", format="date")]


@frozen
class QueryReading:
    """Reads the parameters of one query, and remembers what is wrong with them until `check`."""

    errors: list[FieldError] = field(factory=list)

    def place(
        self, page: str | None, page_size: str | None, cursor: str | None, cursors: ListCursors
    ) -> PageRequest | SliceRequest:
        """The page asked for, by its number or by the cursor of the one before; the first by default."""
        which = self.page(page, page_size)
        if cursor is not None and page is not None:
            self._refuse("cursor", "must not be sent beside page", "not_allowed")
            return which
        after = self._read("cursor", cursor, cursors.open, "is not one of this list and its filters")
        return SliceRequest(after, which.page_size) if after else which

    def page(self, page: str | None, page_size: str | None) -> PageRequest:
        """The page asked for by its number; the first by default."""
        numbers = {
            name: number
            for name, text in (("page", page), ("page_size", page_size))
            if (number := self._read(name, text, _page_number, "must be an integer")) is not None
        }
        try:
            return PageRequest(**numbers)
        except ValidationFailedError as error:
            self.errors.extend(error.field_errors)
            return PageRequest()

    def days(self, from_date: str | None, to_date: str | None) -> DateRange | None:
        """The time from the first day asked for to the last; None where neither is."""
        first = self._read("from_date", from_date, _date, "must be a date, YYYY-MM-DD")
        last = self._read("to_date", to_date, _date, "must be a date, YYYY-MM-DD")
        if first is None and last is None:
            return None
        try:
            return DateRange.of_days(first, last)
        except InvalidDateRangeError:
            self._refuse("to_date", "must not be before from_date", "out_of_order")
            return None

    def one_of(self, name: str, text: str | None, choices: type[Choice]) -> Choice | None:
        """One of *choices*, letter by letter."""
        return self._read(name, text, choices, f"must be one of: {', '.join(choices)}", "not_one_of")

    def uuid(self, name: str, text: str | None) -> UUID | None:
        """An id in its canonical form."""
        return self._read(name, text, uuid_of, "must be a UUID")

    def integer(self, name: str, text: str | None) -> int | None:
        """An integer, however great."""
        return self._read(name, text, _integer, "must be an integer")

    def moment(self, name: str, text: str | None) -> datetime | None:
        """A time with its offset, as RFC 3339 writes it."""
        return self._read(name, text, moment_of, "must be a time such as 2026-11-20T09:30:00Z")

    def refuse_both(self, sent: Mapping[str, str | None]) -> None:
        """Refuse a query that has more than one of these."""
        first, *others = sent
        if sum(text is not None for text in sent.values()) > 1:
            self._refuse(others[-1], f"must not be sent beside {first}", "not_allowed")

    def digits(self, name: str, text: str | None, *, count: int) -> str | None:
        """*count* ASCII digits."""

        def read(digits: str) -> str:
            if not re.fullmatch(rf"[0-9]{{{count}}}", digits):
                raise ValueError
            return digits

        return self._read(name, text, read, f"must have {count} digits")

    def text(self, name: str, text: str | None, rule: ValueRule = TEXT) -> str | None:
        """Text as a body would have it: normalized, and as *rule* asks for; without characters that no text has."""
        if text is None:
            return None
        text = normalized(text)
        broken = rule.broken_by(text)
        for each in broken:
            self._refuse(name, each.message, each.code)
        return None if broken else text

    def flag(self, name: str, text: str | None) -> bool | None:
        """``true`` or ``false``."""
        return self._read(name, text, _FLAGS.__getitem__, "must be true or false")

    def require_one_of(self, sent: Mapping[str, str | None]) -> None:
        """Refuse a query that has none of these."""
        if all(text is None for text in sent.values()):
            self._refuse(next(iter(sent)), f"is required: one of {', '.join(sent)}", "required")

    def check(self) -> None:
        """
        Raises:
            ValidationFailedError: with all that was wrong.
        """
        if self.errors:
            raise ValidationFailedError(self.errors)

    def _read(
        self,
        name: str,
        text: str | None,
        read: Callable[[str], Value],
        message: str,
        code: str = "invalid_format",
    ) -> Value | None:
        try:
            return None if text is None else read(text)
        except (ValueError, KeyError):
            self._refuse(name, message, code)
            return None

    def _refuse(self, name: str, message: str, code: str) -> None:
        self.errors.append(FieldError(name, message, code))


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise ValueError
    return int(text)


def _page_number(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError
    return _integer(text)


def _date(text: str) -> date:
    if not _DATE.fullmatch(text):
        raise ValueError
    return date.fromisoformat(text)
