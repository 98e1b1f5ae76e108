"""Who a session belongs to, as far as everybody else has to know."""

from collections.abc import Callable, Hashable
from math import inf
from typing import Final

from attrs import define, field

from ..kernel import Principal, UserId
from .entities import User
from .ids import SessionId
from .policy import grants_of

_LIFETIME_S: Final = 1.0


def principal_of(user: User, session_id: SessionId) -> Principal:
    """*user* as a caller."""
    return Principal(user.id, session_id, frozenset(map(str, user.roles)), grants_of(user.roles))


@define(eq=False)
class PrincipalCache:
    """
    Principals by what their callers show, each for at most a second after it was read.

    Whatever changes a principal on this node drops it here, after its transaction; other nodes follow within the
    second. So do access tokens that run out, or whose key is withdrawn: to verify one costs as much as the rest of a
    request.

    Args:
        monotonic: Seconds since whenever, never stepping back.
    """

    _monotonic: Callable[[], float]
    _known: dict[Hashable, tuple[float, Principal]] = field(factory=dict, init=False)  # the oldest first
    _dropped_at: float = field(default=-inf, init=False)

    def now(self) -> float:
        """The moment at which to begin a read whose result is to be kept."""
        return self._monotonic()

    def find(self, key: Hashable) -> Principal | None:
        """What was kept under *key* within the last second."""
        read_at, principal = self._known.get(key, (-inf, None))
        return principal if self._monotonic() < read_at + _LIFETIME_S else None

    def keep(self, key: Hashable, principal: Principal, *, read_at: float) -> None:
        """
        Keep what was read, unless something was dropped since: then it may be older than what dropped it.

        Args:
            read_at: What `now` said before the read.
        """
        if read_at <= self._dropped_at:
            return
        self._known.pop(key, None)
        self._known[key] = (read_at, principal)
        self._expire()

    def forget_session(self, session_id: SessionId) -> None:
        """Drop a session that ended."""
        self._drop(lambda principal: principal.session_id == session_id)

    def forget_user(self, user_id: UserId) -> None:
        """Drop every session of a user who changed."""
        self._drop(lambda principal: principal.user_id == user_id)

    def _drop(self, concerns: Callable[[Principal], bool]) -> None:
        self._dropped_at = self._monotonic()
        self._known = {key: known for key, known in self._known.items() if not concerns(known[1])}

    def _expire(self) -> None:
        too_old = self._monotonic() - _LIFETIME_S
        while self._known:
            oldest = next(iter(self._known))
            if self._known[oldest][0] > too_old:
                return
            del self._known[oldest]
