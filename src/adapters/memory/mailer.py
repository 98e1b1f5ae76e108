"""Letters that stay here."""

from attrs import Factory, define

from ...core.identity import Mail


@define(eq=False)
class MemoryMailer:
    """
    A `Mailer` that keeps what it was given.

    Args:
        sent: Every letter, in the order of sending.
    """

    sent: list[Mail] = Factory(list)

    async def send(self, mail: Mail) -> None:
        self.sent.append(mail)
