"""What every adapter's transaction has in common: it is never opened inside another."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from .errors import InternalError


class NestedTransactionError(InternalError):
    """A transaction was begun while the same task had one open."""

    def __init__(self) -> None:
        super().__init__("A transaction is already open here: begin() cannot be nested.")


_open_here: ContextVar[bool] = ContextVar("transaction_open", default=False)


@contextmanager
def sole_transaction() -> Iterator[None]:
    """
    Mark the present task as being inside a transaction.

    Raises:
        NestedTransactionError: it already is.
    """
    if _open_here.get():
        raise NestedTransactionError
    token = _open_here.set(True)
    try:
        yield
    finally:
        _open_here.reset(token)
