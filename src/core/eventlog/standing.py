"""How far subscriptions are behind the log."""

from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

from ..kernel import Clock
from .following import LogFollower
from .leases import SubscriptionRegister, SubscriptionState


@frozen
class Standing:
    """
    How one subscription is, and how far behind.

    Args:
        lag_events: How many positions it has not passed yet, whether it wants what is there or not.
        lag_s: How long the first event that it has not passed has been there, in seconds; 0 where there is none.
    """

    state: SubscriptionState
    lag_events: int = 0
    lag_s: float = 0.0


@frozen
class TellStandings:
    """
    Tell how every subscription is, by name; leases of jobs are among them, and never behind.

    Args:
        clock: That of whoever appends, near enough.
    """

    register: SubscriptionRegister
    follower: LogFollower
    clock: Clock

    async def __call__(self) -> Sequence[Standing]:
        """
        Raises:
            UnavailableError: the log is away.
        """
        states = await self.register.states()
        newest = await self.follower.newest()  # after the states, so that none is ahead of it
        positions = {state.position for state in states if not state.is_job and state.position < newest}
        waiting_since = {position: await self.follower.next_since(position) for position in sorted(positions)}
        return [self._standing(state, newest, waiting_since.get(state.position)) for state in states]

    def _standing(self, state: SubscriptionState, newest: int, since: datetime | None) -> Standing:
        if state.is_job or since is None:
            return Standing(state)
        return Standing(state, newest - state.position, max((self.clock() - since).total_seconds(), 0.0))
