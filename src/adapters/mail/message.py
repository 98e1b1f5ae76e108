"""A letter as it travels."""

from datetime import datetime
from email.message import EmailMessage
from email.policy import default
from uuid import UUID

from ...core.identity import Mail

# The longest line that every server takes, without its CRLF (RFC 5322, 2.1.1). A link on a line of its own must not be
# folded: whoever reads the source of a letter could not use it any more.
_POLICY = default.clone(max_line_length=998)


def message_of(mail: Mail, sender: str, *, at: datetime, message_id: UUID) -> EmailMessage:
    """
    Write *mail* as a message.

    Args:
        sender: An address, with a name or without: ``Harbour Shop <shop@harbour.example>``.
        at: When it is sent; aware.
        message_id: Unlike that of any other letter.

    Source:
        RFC 5322 (Internet Message Format); RFC 3834, 5 (``Auto-Submitted``: no machine answers).
    """
    message = EmailMessage(_POLICY)
    message["From"] = sender
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = at
    message["Message-ID"] = f"<{message_id}@{domain_of(message)}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    return message


def domain_of(message: EmailMessage) -> str:
    """The domain of the sender's address."""
    domain: str = message["From"].addresses[0].domain
    return domain
