"""What a transaction in memory can hold until it ends."""

from asyncio import Lock

from attrs import define, field


@define(eq=False)
class TransactionLock:
    """
    Held by one transaction at a time, until it ends.

    Args:
        lock: What all transactions share.
    """

    _lock: Lock
    _is_held: bool = field(default=False, init=False)

    async def acquire(self) -> None:
        """Wait for whoever holds it."""
        if not self._is_held:
            await self._lock.acquire()
            self._is_held = True

    def release(self) -> None:
        """Let the next one go on."""
        if self._is_held:
            self._lock.release()
            self._is_held = False
