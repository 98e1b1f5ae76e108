"""Who runs a subscription, and how far it is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from attrs import frozen

from ..kernel import ConflictError, NotFoundError

JOB_PREFIX = "job-"
"""What the names of leases that are periodic jobs' begin with; no subscription's does."""


class LeaseLostError(ConflictError):
    """
    What was begun is not to be ended: somebody else runs the subscription now, or it was paused or set back, by an
    operator or with the database.
    """

    def __init__(self, name: str) -> None:
        super().__init__("The lease was lost.", subscription=name)

    def is_of(self, name: str) -> bool:
        """Whether it is *name* whose lease was lost: what is done under a lease may have others of its own."""
        return bool(self.details["subscription"] == name)


class SubscriptionNotFoundError(NotFoundError):
    """No subscription of that name has ever run."""

    def __init__(self, name: str) -> None:
        super().__init__("There is no such subscription.", subscription=name)


@frozen
class Lease:
    """
    The right to run one subscription, until it runs out or passes on.

    Args:
        name: The subscription's.
        token: Grows with every change of hands: writes under an older one are refused (a fencing token; Kleppmann,
            How to do distributed locking, 2016).
        position: How far the subscription is, as its holder knows.
    """

    name: str
    token: int
    position: int


@frozen(kw_only=True)
class SubscriptionState:
    """
    What is kept of a subscription.

    Args:
        position: Everything up to here is done, or deferred.
        holder: Who runs it, or ran it last; None if nobody is to.
        leased_until: When that ends unless it is renewed.
        deferred: How many events were put off, those that wait behind them included.
        parked: How many of them wait for an operator.
    """

    name: str
    position: int
    is_paused: bool
    holder: str | None
    leased_until: datetime | None
    deferred: int
    parked: int

    @property
    def is_job(self) -> bool:
        """Whether it is the lease of a periodic job, which has no position in the log."""
        return self.name.startswith(JOB_PREFIX)


class SubscriptionRegister(Protocol):
    """
    All subscriptions that ever ran. Each call stands for itself, outside every transaction, and is atomic.
    Contract: tests/contract/test_subscriptions.py.
    """

    async def acquire(self, name: str, holder: str, for_s: float) -> Lease | None:
        """
        Give *holder* the lease of *name* for so many seconds; None while somebody else has it, or it is paused.

        A name that was never heard of begins at position 0.
        """
        ...

    async def renew(self, lease: Lease, for_s: float) -> None:
        """
        Let *lease* run for so many seconds from now.

        Raises:
            LeaseLostError.
        """
        ...

    async def release(self, lease: Lease) -> None:
        """Give *lease* back, so that somebody else may have it at once; nothing if it was lost."""
        ...

    async def states(self) -> Sequence[SubscriptionState]:
        """Every subscription, by name."""
        ...

    async def state(self, name: str) -> SubscriptionState:
        """
        Raises:
            SubscriptionNotFoundError.
        """
        ...

    async def pause(self, name: str) -> None:
        """
        Let nobody run *name* until it is resumed; whoever does loses the lease.

        Raises:
            SubscriptionNotFoundError.
        """
        ...

    async def resume(self, name: str) -> None:
        """
        Let *name* be run again.

        Raises:
            SubscriptionNotFoundError.
        """
        ...

    async def reset(self, name: str, position: int) -> None:
        """
        Let *name* go on after *position*, and forget what it deferred; whoever runs it loses the lease.

        Raises:
            SubscriptionNotFoundError.
        """
        ...
