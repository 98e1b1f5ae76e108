"""How subscriptions fare, for whoever wants to know."""

from .deferral import DeferredEvent


class SubscriptionObserver:
    """Told how subscriptions fare. It wants to know nothing; override what you do."""

    def delivered(self, subscription: str, events: int) -> None:
        """So many events were handled and are over."""

    def failed(self, deferred: DeferredEvent, error: Exception) -> None:
        """An event failed, and is now put off or parked."""

    def stalled(self, subscription: str, error: Exception, wait_s: float) -> None:
        """No event is to blame, and nothing goes on for so many seconds."""

    def leased(self, subscription: str, token: int) -> None:
        """This process runs it now."""

    def ended(self, subscription: str) -> None:
        """This process no longer runs it."""

    def removed(self, subscription: str) -> None:
        """There is no such subscription any more: what it filled was replaced."""

    def reached(self, subscription: str, position: int, *, gap_age_s: float | None) -> None:
        """
        It looked at everything up to *position*.

        Args:
            gap_age_s: How long it has waited for a transaction still under way that may fill the next position, in
                seconds; None if it does not.
        """
