"""What a caller takes a thing's version to be when it asks to change it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, final

from attrs import frozen

from .errors import ConcurrencyConflictError, StalePreconditionError


@final
@frozen
class ExpectedVersion:
    """
    The versions in which a caller knows a thing; in any other one it is to be left alone.

    Args:
        any_of: One of these; None: whichever it has.
        is_there: Whether it is expected to be there at all, in whatever version.
    """

    any_of: frozenset[int] | None = None
    is_there: bool = False

    def require(self, version: int) -> None:
        """
        Args:
            version: 0 of what is not there.

        Raises:
            StalePreconditionError: *version* is not expected.
        """
        if (self.any_of is not None and version not in self.any_of) or (self.is_there and not version):
            raise StalePreconditionError

    @contextmanager
    def through_races(self) -> Iterator[None]:
        """
        Hold for all that is done inside: who loses a race there is told the same as who comes too late.

        Raises:
            StalePreconditionError: in place of a ConcurrencyConflictError, where a version was expected.
        """
        try:
            yield
        except ConcurrencyConflictError as error:
            if self.any_of is None:
                raise
            raise StalePreconditionError from error


ANY_VERSION: Final = ExpectedVersion()
"""Of a caller who does not care."""

ANY_THAT_IS_THERE: Final = ExpectedVersion(is_there=True)
"""Of a caller who changes what there is, and makes nothing new."""
