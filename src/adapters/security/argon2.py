"""Passwords hashed with Argon2id, a few at a time."""

import asyncio
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import TypeVar

from ...core.kernel import InternalError, Secret, UnavailableError, require

with require("security"):
    import argon2
    from argon2.exceptions import HashingError, InvalidHashError, VerificationError, VerifyMismatchError

_SALT_BYTES = 16
_HASH_BYTES = 32

Result = TypeVar("Result")


class PasswordHashError(InternalError):
    """A stored hash is none of ours, or it could not be computed."""


class PasswordHasherBusyError(UnavailableError):
    """So many passwords wait to be hashed that another would wait too long, or there is no thread for them."""

    def __init__(self) -> None:
        super().__init__("Passwords cannot be checked just now. Try again shortly.")


class Argon2PasswordHasher:
    """
    Hashes in threads of its own, so many at once and no more: that bounds the memory, and leaves the event loop free.

    A caller that gives up while waiting leaves the queue; a computation that has begun goes on, and keeps its thread.

    Args:
        memory_kib: Memory of one computation, in KiB.
        passes: How often it goes over that memory.
        lanes: How many threads of its own one computation uses.
        threads: How many computations run at once.
        waiting: How many more may wait. What is refused beyond could hardly be answered within a request's time.

    Raises:
        PasswordHashError: a stored hash is malformed, or the memory cannot be had.
        PasswordHasherBusyError: too many wait, or it is closed.

    Source: RFC 9106; the default cost is the first that the OWASP Password Storage Cheat Sheet recommends.
    """

    def __init__(
        self,
        *,
        memory_kib: int = 46 * 1_024,
        passes: int = 1,
        lanes: int = 1,
        threads: int = 2,
        waiting: int = 400,
    ) -> None:
        self._argon2 = argon2.PasswordHasher(passes, memory_kib, lanes, _HASH_BYTES, _SALT_BYTES)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._places = BoundedSemaphore(threads + waiting)
        # Nobody has a password for this one: its digest was not computed, but to compare costs the same.
        self._nobodys_hash = "$".join(
            (
                "$argon2id",
                "v=19",
                f"m={memory_kib},t={passes},p={lanes}",
                b64encode(bytes(_SALT_BYTES)).decode().rstrip("="),
                b64encode(bytes(_HASH_BYTES)).decode().rstrip("="),
            )
        )

    async def hash(self, password: Secret) -> str:
        return await self._computed(lambda: self._hash(_bytes(password)))

    async def verify(self, password_hash: str | None, password: Secret) -> bool:
        stored = self._nobodys_hash if password_hash is None else password_hash
        return await self._computed(lambda: self._matches(stored, _bytes(password)))

    def is_outdated(self, password_hash: str) -> bool:
        try:
            return self._argon2.check_needs_rehash(password_hash)
        except InvalidHashError as error:
            raise PasswordHashError("A stored password hash is malformed.") from error

    def close(self) -> None:
        """Compute nothing more; who still waits is cancelled."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _computed(self, work: Callable[[], Result]) -> Result:
        if not self._places.acquire(blocking=False):
            raise PasswordHasherBusyError
        try:
            future = self._threads.submit(work)
        except RuntimeError as error:  # it is closed, or the machine has no thread left
            self._places.release()
            raise PasswordHasherBusyError from error
        future.add_done_callback(self._leave)  # also called when the one who waits is cancelled
        return await asyncio.wrap_future(future)

    def _leave(self, _: Future[Result]) -> None:
        self._places.release()

    def _hash(self, password: bytes) -> str:
        try:
            return self._argon2.hash(password)
        except HashingError as error:
            raise PasswordHashError("A password could not be hashed.") from error

    def _matches(self, password_hash: str, password: bytes) -> bool:
        try:
            return self._argon2.verify(password_hash, password)
        except VerifyMismatchError:
            return False
        except (InvalidHashError, VerificationError, UnicodeEncodeError) as error:
            raise PasswordHashError("A stored password hash could not be checked.") from error


def _bytes(password: Secret) -> bytes:
    # A text that cannot be UTF-8 is still a wrong password and no fault of ours.
    return password.reveal().encode("utf-8", "surrogatepass")
