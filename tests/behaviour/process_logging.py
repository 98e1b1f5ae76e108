"""Logging belongs to the process: a test that sets it up puts it back."""

import logging
import sys
from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def logging_put_back() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    _forget_first_uses()


def _forget_first_uses() -> None:
    """Have the loggers of modules, which settle at their first use, settle anew."""
    for name, module in list(sys.modules.items()):
        if name.startswith("quayside."):
            logger = vars(module).get("_log")
            if isinstance(logger, type(structlog.get_logger())):
                vars(logger).pop("bind", None)
