"""Real SMTP servers in the test's own event loop."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from ssl import Purpose, SSLContext, create_default_context
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from attrs import Factory, define, frozen
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"


@define(eq=False)
class Postbox:
    """
    What a server does with letters.

    Args:
        envelopes: What it took, in order.
        logins: Who logged in, with which password.
        delay_s: How long it thinks about each letter.
        refusals: What it answers to a command instead of taking it.
    """

    envelopes: list[Envelope] = Factory(list)
    logins: list[tuple[bytes, bytes]] = Factory(list)
    delay_s: float = 0
    refusals: dict[str, str] = Factory(dict)

    @property
    def messages(self) -> list[EmailMessage]:
        return [read(envelope.content) for envelope in self.envelopes if isinstance(envelope.content, bytes)]

    async def handle_RCPT(  # noqa: N802  aiosmtpd calls it so
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "RCPT" not in self.refusals:
            envelope.rcpt_tos.append(address)
        return self.refusals.get("RCPT", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        await asyncio.sleep(self.delay_s)
        if "DATA" not in self.refusals:
            self.envelopes.append(envelope)
        return self.refusals.get("DATA", "250 OK")

    def log_in(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, credentials: LoginPassword
    ) -> AuthResult:
        self.logins.append((credentials.login, credentials.password))
        return AuthResult(success=credentials.password == b"p@ss/word", handled=False)


@frozen
class Authority:
    """A certificate that a server shows for 127.0.0.1, and clients that trust it."""

    server: SSLContext
    clients: SSLContext


@asynccontextmanager
async def smtp_server(
    postbox: Postbox, *, tls: SSLContext | None = None, **options: Any
) -> AsyncIterator[int]:
    """
    A server on a free port, which it gives.

    Args:
        tls: To be spoken from the first byte on.
        options: As of aiosmtpd's `SMTP`.
    """
    loop = asyncio.get_running_loop()

    def connection() -> SMTP:
        return SMTP(postbox, hostname="mail.test", loop=loop, authenticator=postbox.log_in, **options)

    async with _listening(connection, tls) as port:
        yield port


@asynccontextmanager
async def deaf_server(drip: bytes = b"") -> AsyncIterator[int]:
    """A server on a free port that takes connections and says nothing, or *drip* again and again."""
    async with _listening(lambda: Deaf(drip), None) as port:
        yield port


@define(eq=False)
class Deaf(asyncio.Protocol):
    drip: bytes
    transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._drip()

    def _drip(self) -> None:
        assert isinstance(self.transport, asyncio.WriteTransport)
        if not self.transport.is_closing():
            self.transport.write(self.drip)
            asyncio.get_running_loop().call_later(0.05, self._drip)


@asynccontextmanager
async def _listening(connection: Callable[[], SMTP | Deaf], tls: SSLContext | None) -> AsyncIterator[int]:
    others = asyncio.all_tasks()
    connections: list[SMTP | Deaf] = []

    def connected() -> SMTP | Deaf:
        connections.append(connection())
        return connections[-1]

    server = await asyncio.get_running_loop().create_server(connected, HOST, 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for each in connections:
            if isinstance(each.transport, asyncio.WriteTransport):
                each.transport.abort()
        # A server that is busy, or waits for a handshake, does not notice that its client has gone.
        for task in (left := asyncio.all_tasks() - others - {asyncio.current_task()}):
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


def read(content: bytes) -> EmailMessage:
    """The message that these bytes are."""
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    assert message.defects == []
    return message


def an_authority(folder: Path) -> Authority:
    """A new one, whose key is in *folder*."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    both = folder / "server.pem"
    both.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + pem
    )
    server = create_default_context(Purpose.CLIENT_AUTH)
    server.load_cert_chain(both)
    return Authority(server, create_default_context(cadata=pem.decode()))
