"""The letters that bring people a single-use token."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from attrs import frozen

from ..kernel import Secret
from .mail import Mail
from .tokens import TokenPurpose


@frozen
class Letter:
    """
    What is written, and for how long its link is good.

    Args:
        path: Of the page of the service's clients that the link leads to.
        invitation: What the link is for.
    """

    subject: str
    path: str
    invitation: str
    lifetime: timedelta

    def addressed(self, to: str, public_url: str, token: Secret) -> Mail:
        """The letter with its link."""
        hours = self.lifetime // timedelta(hours=1)
        text = (
            f"{self.invitation}\n\n"
            f"{public_url}/{self.path}?token={token.reveal()}\n\n"
            f"The link works once, within {hours} hour{'s' if hours > 1 else ''}. "
            "If you did not ask for this, ignore this mail.\n"
        )
        return Mail(to, self.subject, text)


LETTERS: Final[Mapping[TokenPurpose, Letter]] = {
    TokenPurpose.EMAIL_VERIFICATION: Letter(
        subject="Verify your e-mail address",
        path="verify-email",
        invitation="Follow this link to show that this address is yours:",
        lifetime=timedelta(hours=24),
    ),
    TokenPurpose.PASSWORD_RESET: Letter(
        subject="Reset your password",
        path="reset-password",
        invitation="Follow this link to set a new password:",
        lifetime=timedelta(hours=1),
    ),
}
