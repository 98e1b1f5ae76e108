"""Doing what is asked under one key once, however often it is asked."""

from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from attrs import evolve, field, frozen

from ..kernel import BusinessRuleError, ConflictError, CustomerId


class IdempotencyKeyReusedError(BusinessRuleError):
    """The key stands for another request."""

    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__("This idempotency key was sent with another request.")


class IdempotencyInProgressError(ConflictError):
    """What was first asked under the key is still under way."""

    code = "idempotency_in_progress"

    def __init__(self) -> None:
        super().__init__("A request with this idempotency key is under way; try again.")


@frozen
class KeyTerms:
    """
    How long a key binds.

    Args:
        lease: After that, whoever claimed it counts as dead; longer than any request may take.
        life: After that, it is as good as new.
    """

    lease: timedelta
    life: timedelta

    def use_of(self, key: bytes, fingerprint: bytes, attempt: UUID, at: datetime) -> "KeyUse":
        """What is stored of a key that nobody used before."""
        return KeyUse(key, fingerprint, attempt, attempt, at + self.lease, at + self.life)


@frozen
class Claim:
    """
    The right to do what was asked under a key, for as long as nobody else takes it over.

    Args:
        attempt: Who has it.
        operation_id: What is done is known by; the same for everyone who takes it on after a failure.
    """

    key: bytes
    attempt: UUID
    operation_id: UUID


@frozen
class KeyUse:
    """
    What is stored of one key.

    Args:
        key: A hash of it, of its caller, and of what it is for.
        fingerprint: Of what was asked.
        operation_id: What is done is known by: the id of the first attempt.
        attempt: The last that claimed it.
        leased_until: Until then, that attempt is under way, unless there is an answer.
        expires_at: From then on, it is as good as new, unless it is under way.
        answer: The first, as it is to be repeated.
        customer_id: Of whom the answer shows something personal.
    """

    key: bytes
    fingerprint: bytes = field(repr=False)
    operation_id: UUID
    attempt: UUID
    leased_until: datetime
    expires_at: datetime
    answer: bytes | None = field(default=None, repr=False)
    customer_id: CustomerId | None = None

    def is_over(self, at: datetime) -> bool:
        """Whether it makes no difference any more."""
        return self.expires_at <= at and (self.answer is not None or self.leased_until <= at)

    def after(self, wanted: "KeyUse", at: datetime) -> "KeyUse":
        """This after *wanted* tried to claim the key: itself, unless it is over, or its attempt died or gave up."""
        if self.is_over(at):
            return wanted
        is_left = self.answer is None and self.leased_until <= at
        if is_left and self.fingerprint == wanted.fingerprint:
            return evolve(wanted, operation_id=self.operation_id)
        return self

    def outcome_for(self, wanted: "KeyUse") -> Claim | bytes:
        """
        What *wanted* got, now that the key is used like this: a claim, or the first answer.

        Raises:
            IdempotencyKeyReusedError, IdempotencyInProgressError.
        """
        if self.attempt == wanted.attempt:
            return Claim(self.key, self.attempt, self.operation_id)
        if self.fingerprint != wanted.fingerprint:
            raise IdempotencyKeyReusedError
        if self.answer is None:
            raise IdempotencyInProgressError
        return self.answer


class IdempotencyKeys(Protocol):
    """
    The keys that callers use. Contract: tests/contract/test_idempotency_keys.py.

    Each call stands for itself, outside every transaction, and is atomic. A claim that was taken over, because its
    lease ran out, changes nothing any more.
    """

    async def claim(self, key: bytes, fingerprint: bytes, attempt: UUID) -> Claim | bytes:
        """
        Claim the key for *attempt*, an id that was never used; or give the answer that is kept under it.

        Where an attempt died, or gave the key back as unclear, the claim goes on with its operation.

        Raises:
            IdempotencyKeyReusedError: it stands for something with another fingerprint.
            IdempotencyInProgressError: another attempt is under way.
        """
        ...

    async def keep(self, claim: Claim, answer: bytes, *, customer_id: CustomerId | None = None) -> None:
        """
        Repeat *answer* to whoever asks the same from now on.

        Args:
            customer_id: Of whom it shows something personal: it is kept until they are erased, and then as if the
                attempt had died.
        """
        ...

    async def free(self, claim: Claim) -> None:
        """Forget the key: what was asked came to nothing."""
        ...

    async def leave(self, claim: Claim) -> None:
        """Let the next who asks the same go on with the operation: nobody knows how far it came."""
        ...

    async def discard_expired(self, limit: int) -> int:
        """Forget some of the keys that make no difference any more, and tell how many."""
        ...
