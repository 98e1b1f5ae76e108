"""What has to hold of a customer: every limit, for every way in."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final
from unicodedata import category

from ..kernel import Clock, FieldError, ValidationFailedError
from ..kernel.validation import (
    Form,
    Rule,
    ValueRule,
    age_on,
    email,
    field,
    in_turn,
    length,
    pattern,
    required,
    text,
)

PERSONAL: Final = ("email", "first_name", "last_name", "phone_number", "date_of_birth")
"""The fields of a customer that are erased."""

_OPTIONAL = frozenset({"phone_number"})
_YOUNGEST, _OLDEST = 18, 120
_BETWEEN_LETTERS = frozenset(" -'.")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_E164 = r"\+[1-9]\d{1,14}"


def registration_form(clock: Clock) -> Form:
    """The rules of somebody who is to be registered, whose age is that on *clock*'s day."""
    return Form(
        *(
            field(name, *(() if name in _OPTIONAL else (required,)), rule)
            for name, rule in _rules(clock).items()
        )
    )


def change_form(clock: Clock) -> Form:
    """The rules of what is said anew of a customer; what is left out breaks none."""
    return Form(*(field(name, rule) for name, rule in _rules(clock).items()))


def check_changes(rules: Form, changes: Mapping[str, object]) -> None:
    """
    Raises:
        ValidationFailedError: *changes* break *rules*, or take away what cannot be.
    """
    lacking = [
        FieldError(name, required.message, required.code)
        for name, value in changes.items()
        if value is None and name not in _OPTIONAL
    ]
    if errors := (*rules.errors(changes), *lacking):
        raise ValidationFailedError(errors)


def birth_date(told: str | date) -> date:
    """
    The day that *told* means.

    Raises:
        ValueError: there is no such day, or it is written otherwise than ``1990-02-28``.
    """
    if isinstance(told, str):
        if not _DATE.fullmatch(told):
            raise ValueError("not a date")
        return date.fromisoformat(told)
    return told


def same_email(email: str) -> str:
    """What is the same of two e-mail addresses that differ in the case of their letters alone."""
    return email.casefold()


def _rules(clock: Clock) -> Mapping[str, ValueRule]:
    def is_of_age(told: str | date) -> bool:
        return _YOUNGEST <= age_on(clock().date(), birth_date(told)) <= _OLDEST

    return {
        "email": email,
        "first_name": _NAME,
        "last_name": _NAME,
        "phone_number": pattern(_E164, "must be a phone number in the form of E.164, such as +442079460958"),
        "date_of_birth": in_turn(
            Rule("invalid_format", "must be a date, YYYY-MM-DD", str | date, _is_date),
            Rule(
                "out_of_range",
                f"must be that of somebody aged {_YOUNGEST} to {_OLDEST}",
                str | date,
                is_of_age,
            ),
        ),
    }


def _is_date(told: str | date) -> bool:
    if isinstance(told, datetime):
        return False
    try:
        birth_date(told)
    except ValueError:
        return False
    return True


def _is_name(name: str) -> bool:
    has_letter = may_be_marked = False
    for character in name:
        kind = category(character)[0]
        if kind == "L":
            has_letter = may_be_marked = True
        elif kind != "M":
            may_be_marked = False
            if character not in _BETWEEN_LETTERS:
                return False
        elif not may_be_marked:
            return False
    return has_letter


_NAME = in_turn(
    length(1, 100),
    text,
    Rule(
        "invalid_format",
        "must have a letter, and consist of letters, spaces, hyphens, apostrophes and full stops",
        str,
        _is_name,
    ),
)
