"""How long to wait before the next attempt."""

from attrs import frozen


@frozen
class Backoff:
    """
    Waits that double from attempt to attempt, up to a bound, each shortened at random so that those who failed
    together do not come back together ("full jitter": Brooker, Exponential Backoff and Jitter, AWS 2015).

    Args:
        first_s: The longest first wait, in seconds.
        most_s: The longest of all.
    """

    first_s: float
    most_s: float

    def delay_s(self, failures: int, chance: float) -> float:
        """
        The wait after so many *failures* in a row, in seconds.

        Args:
            failures: From 1.
            chance: Evenly distributed in [0, 1).
        """
        # Beyond 2**60 the bound holds anyway, and a float would overflow in the end.
        longest = self.first_s * 2.0 ** min(failures - 1, 60)
        return chance * min(longest, self.most_s)
