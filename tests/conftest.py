"""What holds for every test: how many examples a property gets, and that nothing logs a secret."""

import gc
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import structlog
from hypothesis import settings
from structlog.typing import EventDict

# No deadline: how long one example takes says more about the machine than about the code.
settings.register_profile("brief", deadline=None, max_examples=10)
settings.register_profile("check", deadline=None, max_examples=100)
settings.register_profile("soak", deadline=None, max_examples=2_000)
settings.load_profile("brief")

# Left to itself, structlog draws every traceback for a terminal, which takes longer than most tests do.
PLAIN = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.format_exc_info,
    structlog.processors.KeyValueRenderer(),
)


def pytest_collection_finish() -> None:
    """Look for garbage no more in what was collected, for it stays to the end."""
    gc.freeze()


@cache
def _secret() -> re.Pattern[str]:
    # Whoever logs has imported them already; the others shall not wait for it.
    from builders import APPROVED, DECLINED, PASSWORD, SLOW, UNREACHABLE, members  # noqa: PLC0415

    known = map(re.escape, (APPROVED, DECLINED, SLOW, UNREACHABLE, PASSWORD, members.PASSWORD))
    password_hash, access_token = r"\$argon2", r"\beyJ[\w-]+\.[\w-]+\.[\w-]+"
    token = r"(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{43}(?![\w-])"
    return re.compile("|".join([*known, password_hash, access_token, token]))


@pytest.fixture(autouse=True)
def nothing_secret_is_logged() -> Iterator[None]:
    """Look at every line as it is logged, before anything could be masked in it."""
    lines: list[str] = []

    def keep(logger: Any, method: str, event: EventDict) -> EventDict:
        lines.append(repr(structlog.processors.format_exc_info(logger, method, {**event})))
        return event

    structlog.configure(processors=[keep, *PLAIN])
    yield
    structlog.reset_defaults()
    assert [found.group() for line in lines for found in _secret().finditer(line)] == []
