"""
Rules that only the outside can judge: is the name taken, was the password breached.

    REGISTRATION = AskingForm(
        Form(field("username", required, username), field("password", required, length(8, 1024))),
        ask("username", free),
        ask("password", not_breached),
        count=metrics.observe_rule_failure,
    )
"""

import re
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from enum import StrEnum
from typing import Any

from attrs import frozen

from ..errors import FieldError, ValidationFailedError
from .forms import Form, reader_of
from .structures import Skipped

_INDEX = re.compile(r"\.\d+(?=\.|$)")


class Occasion(StrEnum):
    """On what occasion an input is judged; a rule may ask more of one than of another."""

    REGISTRATION = "registration"
    CHANGE = "change"
    IMPORT = "import"
    """An operator brings in what was decided elsewhere; nobody is there to choose anew."""


CountFailure = Callable[[Occasion, str, str], None]
"""
Counts one broken rule: the occasion, the field's path with ``*`` for every index, the rule's code. So few different
ones that each can be a time series.
"""


@frozen
class OutsideRule:
    """
    One thing asked of values that takes a look outside.

    Args:
        code: As of a `Rule`.
        message: As of a `Rule`.
        breaking: Gets all values at once, so that one look will do for many, and the occasion. Gives those that break
            the rule. Where the outside does not answer, it decides: an error here fails the whole check.
    """

    code: str
    message: str
    breaking: Callable[[Sequence[Any], Occasion], Awaitable[Collection[Any]]]


@frozen
class Question:
    """An outside rule for what stands at one path, or at many alike."""

    path: str
    rule: OutsideRule


def ask(path: str, rule: OutsideRule) -> Question:
    """Ask *rule* of the field at *path*; ``*`` stands for every item of a list: ``items.*.sku``."""
    return Question(path, rule)


class AskingForm:
    """
    A form, and questions to the outside about the fields that keep it.

    Args:
        form: The cheap rules, asked first.
        questions: Asked side by side, each once for all its values, and only of those that are present and good.
        count: Told of every broken rule of either kind.
    """

    def __init__(self, form: Form, *questions: Question, count: CountFailure) -> None:
        self.form = form
        self._questions = questions
        self._count = count

    async def errors(self, values: object, occasion: Occasion) -> tuple[FieldError, ...]:
        """Every rule that *values* break: those of the form in its order, then those of the outside."""
        # Here, because asyncio takes longer to import than all of the kernel, and who only validates needs none of it.
        from asyncio import gather  # noqa: PLC0415

        broken = self.form.errors(values)
        bad = Skipped(error.field for error in broken)
        answers = await gather(
            *(_answer(question, values, occasion, bad) for question in self._questions),
        )
        errors = (*broken, *(error for answer in answers for error in answer))
        for error in errors:
            self._count(occasion, _INDEX.sub(".*", error.field), error.code)
        return errors

    async def check(self, values: object, occasion: Occasion) -> None:
        """
        Raises:
            ValidationFailedError: *values* break rules; carries all of them.
        """
        if errors := await self.errors(values, occasion):
            raise ValidationFailedError(errors)


async def _answer(question: Question, values: object, occasion: Occasion, bad: Skipped) -> list[FieldError]:
    found = list(_good_values(values, question.path.split("."), "", bad))
    if not found:
        return []
    rule = question.rule
    breaking = await rule.breaking([value for _, value in found], occasion)
    return [FieldError(path, rule.message, rule.code) for path, value in found if value in breaking]


def _good_values(value: object, steps: list[str], path: str, bad: Skipped) -> Iterator[tuple[str, object]]:
    """What stands where *steps* lead to, with its path, where nothing on the way or beneath it is bad."""
    if value is None or path in bad:
        return
    if not steps:
        if not bad.reaches(path):
            yield path, value
        return
    for name, part in _parts(value, steps[0]):
        yield from _good_values(part, steps[1:], f"{path}.{name}" if path else name, bad)


def _parts(value: object, step: str) -> Iterator[tuple[str, object]]:
    if step == "*" and isinstance(value, list | tuple):
        yield from ((str(index), item) for index, item in enumerate(value))
    elif read := reader_of(value):
        yield step, read(step)
