"""Fields that are kept encrypted, so that whoever reads the database alone does not read them."""

from typing import Protocol
from uuid import UUID

from attrs import frozen

from .errors import InternalError


class FieldKeysMissingError(InternalError):
    """There is no key to encrypt a field with."""

    def __init__(self) -> None:
        super().__init__("Fields cannot be encrypted: there is no key.")


class FieldKeyUnknownError(InternalError):
    """
    A field was encrypted with a key that this process does not have.

    Args:
        key_id: Of the key that is missing.
    """

    def __init__(self, place: "FieldPlace", key_id: str) -> None:
        super().__init__(
            "The key of an encrypted field is not among those that are set.", **place.facts(), key_id=key_id
        )


class FieldUnreadableError(InternalError):
    """An encrypted field is not as it was written: it was altered, cut, or moved there from somewhere else."""

    def __init__(self, place: "FieldPlace") -> None:
        super().__init__("An encrypted field was altered, or belongs elsewhere.", **place.facts())


@frozen
class FieldPlace:
    """
    Where an encrypted field is kept. It is readable there alone.

    Args:
        table: Stands for all rows of a kind, and never changes.
        field: Its name in the row, which never changes either.
    """

    table: str
    row_id: UUID
    field: str

    def facts(self) -> dict[str, object]:
        """The place as details of an error."""
        return {"table": self.table, "row_id": self.row_id, "field": self.field}


class FieldCipher(Protocol):
    """
    Encrypts fields one by one, each bound to its place. Contract: tests/properties/test_field_cipher.py.
    """

    @property
    def current_head(self) -> bytes:
        """What everything begins with that the current key has sealed, and nothing else."""
        ...

    def seal(self, plain: bytes, place: FieldPlace) -> bytes:
        """Encrypt *plain* with the current key; never twice to the same bytes."""
        ...

    def open(self, sealed: bytes, place: FieldPlace) -> bytes:
        """
        Decrypt what was sealed for *place*, with whichever key it was.

        Raises:
            FieldKeyUnknownError: that key is not known any more.
            FieldUnreadableError: it is not as it was sealed, or was not sealed for *place*.
        """
        ...

    def hashes(self, plain: bytes, table: str, field: str) -> tuple[bytes, ...]:
        """
        What rows that are encrypted can be found by: a hash of *plain* under each key, the current one's first.

        The same in every row, so that who reads the database sees which rows have the same, and nothing more.
        """
        ...


@frozen
class NoFieldCipher:
    """For whoever keeps nothing that has to be encrypted: refuses to keep it plain."""

    @property
    def current_head(self) -> bytes:
        raise FieldKeysMissingError

    def seal(self, plain: bytes, place: FieldPlace) -> bytes:  # noqa: ARG002 - it has no key
        raise FieldKeysMissingError

    def open(self, sealed: bytes, place: FieldPlace) -> bytes:  # noqa: ARG002 - it has no key
        raise FieldKeysMissingError

    def hashes(self, plain: bytes, table: str, field: str) -> tuple[bytes, ...]:  # noqa: ARG002 - it has no key
        raise FieldKeysMissingError
