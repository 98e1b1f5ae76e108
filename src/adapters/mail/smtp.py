"""Letters by SMTP."""

import asyncio
from contextlib import suppress
from ipaddress import ip_address
from ssl import SSLContext
from urllib.parse import unquote, urlsplit

from aiosmtplib import SMTP, SMTPException, SMTPRecipientsRefused, SMTPResponseException
from attrs import frozen

from ...core.identity import Mail, MailNotSentError
from ...core.kernel import Clock, FieldError, IdFactory, Secret, ValidationFailedError
from .message import domain_of, message_of

_PORTS = {"smtp": 587, "smtps": 465}  # RFC 6409, RFC 8314
_GOODBYE_S = 1.0


@frozen
class SmtpServer:
    """
    Where letters are handed over.

    Args:
        host: Name or address.
        port: TCP port.
        is_tls: Whether it speaks TLS from the first byte on (RFC 8314), not from STARTTLS on (RFC 3207).
        username: Who we are there; None: nobody in particular.
    """

    host: str
    port: int
    is_tls: bool
    username: str | None
    password: Secret | None

    @classmethod
    def at(cls, url: str) -> "SmtpServer":
        """
        Read ``smtp://host``, ``smtps://user:password@host:port`` and the like.

        User and password are percent-encoded. Without a port it is 587, with ``smtps`` 465.

        Raises:
            ValidationFailedError: it is no such URL.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise _no_smtp_url() from None
        if parts.scheme not in _PORTS or not parts.hostname or (parts.password and not parts.username):
            raise _no_smtp_url()
        return cls(
            parts.hostname,
            port or _PORTS[parts.scheme],
            is_tls=parts.scheme == "smtps",
            username=unquote(parts.username) if parts.username else None,
            password=Secret(unquote(parts.password)) if parts.password else None,
        )

    def starts_tls(self) -> bool | None:
        """
        Whether to ask for STARTTLS; None: if it is offered.

        Who can strip the offer can read what follows. So a password is not sent without, but within this machine.
        """
        if self.is_tls:
            return False
        return True if self.password and not _is_this_machine(self.host) else None


@frozen
class SmtpMailer:
    """
    A `Mailer` that hands each letter to a server (RFC 5321), in a conversation of its own.

    A letter that timed out may have arrived all the same; none is sent twice.

    Args:
        sender: An address, with a name or without.
        timeout_s: How long the whole conversation may take.
        trust: Whose certificates count; None: those that this machine trusts.
    """

    server: SmtpServer
    sender: str
    clock: Clock
    new_id: IdFactory
    timeout_s: float = 10.0
    trust: SSLContext | None = None

    async def send(self, mail: Mail) -> None:
        message = message_of(mail, self.sender, at=self.clock(), message_id=self.new_id())
        client = self._client(domain_of(message))
        try:
            async with asyncio.timeout(self.timeout_s):
                await client.connect()
                # Not what somebody may read out of the header again, but the very address.
                await client.send_message(message, recipients=[mail.to])
        except (SMTPResponseException, SMTPRecipientsRefused) as error:
            # What the server said stays here: it repeats the address, as a rule.
            raise MailNotSentError(f"the server refused with {_code(error)}") from None
        except TimeoutError as error:
            raise MailNotSentError("the server did not answer in time") from error
        except (SMTPException, OSError) as error:
            raise MailNotSentError("the server cannot be reached safely") from error
        else:
            with suppress(SMTPException):
                await client.quit(timeout=_GOODBYE_S)
        finally:
            client.close()

    def _client(self, our_name: str) -> SMTP:
        server = self.server
        return SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password.reveal() if server.password else None,
            local_hostname=our_name,  # asked for, a resolver may take its time
            timeout=self.timeout_s,
            use_tls=server.is_tls,
            start_tls=server.starts_tls(),
            tls_context=self.trust,
        )


def _code(error: SMTPResponseException | SMTPRecipientsRefused) -> int:
    return (error.recipients[0] if isinstance(error, SMTPRecipientsRefused) else error).code


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _no_smtp_url() -> ValidationFailedError:
    return ValidationFailedError(
        [FieldError("url", "must be like smtps://user:password@host:465", "invalid_url")]
    )
