"""A text that must not leave by accident."""

from typing import NoReturn


class Secret:
    """
    A text that does not show itself: not printed, logged, formatted, pickled, nor taken apart by serialisers.

    It is not an attrs class on purpose: what walks over fields finds none here.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        """The text itself, for the one call that needs it; never keep or log what this gives."""
        return self.__value

    def masked(self) -> str:
        """What may be shown in its place."""
        return "****"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.masked()})"

    def __str__(self) -> str:
        return self.masked()

    def __format__(self, spec: str) -> str:
        return format(self.masked(), spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and type(other) is type(self) and other.__value == self.__value

    def __hash__(self) -> int:
        return hash((type(self), self.__value))

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: object) -> "Secret":
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(f"{type(self).__name__} cannot be pickled")

    def __getstate__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} cannot be serialised")
