"""Breached passwords by heart."""

from attrs import Factory, define

from ...core.kernel import Secret


@define(eq=False)
class MemoryBreachedPasswords:
    """
    A list of one's own, where nobody outside is to be asked.

    Args:
        known: Those that are refused.
    """

    known: set[str] = Factory(set)

    async def contains(self, password: Secret) -> bool:
        return password.reveal() in self.known
