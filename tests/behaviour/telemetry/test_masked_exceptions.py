"""No card number and no secret gets into the log by way of an exception."""

import io
import json
import logging
from collections.abc import Callable
from typing import Any

import structlog
from hypothesis import given
from hypothesis import strategies as st

from behaviour.telemetry.test_masking import SECRET_NAMES, card_numbers, nested, words
from quayside.adapters.telemetry.logging import configure_logging

Wrapped = Callable[[Exception], Exception]


def noted(error: Exception) -> Exception:
    outer = LookupError("outer")
    outer.add_note(repr(error))
    return outer


def caused(error: Exception) -> Exception:
    outer = LookupError("outer")
    outer.__cause__ = error
    return outer


def in_context(error: Exception) -> Exception:
    outer = LookupError("outer")
    outer.__context__ = error
    return outer


def grouped(error: Exception) -> Exception:
    return ExceptionGroup("several", [KeyError("other"), error])


def as_argument(error: Exception) -> Exception:
    return RuntimeError("outer", error)


wrappings = st.lists(st.sampled_from([noted, caused, in_context, grouped, as_argument]), max_size=3)
forms = st.sampled_from(
    [
        lambda value: value,
        repr,
        lambda value: repr(value).encode(),
        lambda value: json.dumps(value, default=str),
        lambda value: json.dumps(json.dumps(value, default=str)),
        lambda value: json.dumps(value, default=str, indent=1),
        lambda value: {"body": value},
    ]
)


def fail(error: Exception) -> None:
    raise error


def logged(error: Exception, wraps: list[Wrapped]) -> str:
    """All that is written of *error*, by either library, in either form."""
    for wrap in wraps:
        error = wrap(error)
    written = io.StringIO()
    for log_format in ("json", "console"):
        configure_logging("info", log_format, written)
        try:
            fail(error)
        except Exception:
            structlog.get_logger().exception("failed", error=error)
            logging.getLogger("any").exception("failed: %s", error)
    return written.getvalue()


@given(number=card_numbers(), before=words, after=words, data=st.data(), form=forms, wraps=wrappings)
def test_no_card_number_is_written_of_any_exception(  # noqa: PLR0913, PLR0917 - what is drawn
    number: str,
    before: str,
    after: str,
    data: st.DataObject,
    form: Callable[[object], Any],
    wraps: list[Wrapped],
) -> None:
    value = data.draw(nested(st.just(before + number + after)))

    written = logged(ValueError("refused", form(value)), wraps)

    assert number not in written
    assert number.replace(" ", "").replace("-", "") not in written


@given(
    name=st.sampled_from(SECRET_NAMES),
    number=st.integers(10**6, 10**9),
    data=st.data(),
    form=forms,
    wraps=wrappings,
)
def test_nothing_under_the_name_of_a_secret_is_written_of_any_exception(
    name: str, number: int, data: st.DataObject, form: Callable[[object], Any], wraps: list[Wrapped]
) -> None:
    secret = f"s3cr3t{number}"
    hidden = data.draw(nested(st.just(secret)))
    value = data.draw(nested(st.just({name: hidden})))

    assert secret not in logged(ValueError("refused", form(value)), wraps)
