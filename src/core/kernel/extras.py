"""Parts of quayside that a plain `pip install quayside` leaves out."""

from collections.abc import Iterator
from contextlib import contextmanager

from .errors import Category, QuaysideError


class MissingExtraError(QuaysideError, ImportError):
    """What was asked for takes an extra that is not installed."""

    code = "missing_extra"
    category = Category.VALIDATION

    def __init__(self, extra: str, package: str) -> None:
        super().__init__(f"The package {package!r} is not installed: pip install 'quayside[{extra}]'")


@contextmanager
def require(extra: str) -> Iterator[None]:
    """
    Import inside this what only the installation with *extra* has.

    Raises:
        MissingExtraError: a package is missing; names *extra*.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in {"", __name__.partition(".")[0]}:
            raise  # a module of our own is missing, which no extra mends
        raise MissingExtraError(extra, package) from error
