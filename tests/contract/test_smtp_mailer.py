"""What the mailer that speaks SMTP does beyond its port, against real servers."""

import traceback
from ssl import SSLContext
from time import perf_counter
from typing import Any
from uuid import UUID

import pytest

from quayside.adapters.mail import SmtpMailer, SmtpServer
from quayside.adapters.system import entropy, utc_now
from quayside.core.identity import Mail, MailNotSentError
from quayside.core.kernel import Uuid7Factory, ValidationFailedError
from smtp_servers import HOST, Authority, Postbox, an_authority, deaf_server, smtp_server

A_LETTER = Mail("ada@harbour.example", "Hello", "Grüße!\n")
LOGIN = "quay%40side:p%40ss%2Fword"


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return an_authority(tmp_path_factory.mktemp("authority"))


def a_mailer(url: str, *, trust: SSLContext | None = None, timeout_s: float = 10) -> SmtpMailer:
    return SmtpMailer(
        SmtpServer.at(url),
        "Harbour Shop <shop@harbour.example>",
        utc_now,
        Uuid7Factory(utc_now, entropy),
        timeout_s,
        trust,
    )


async def refusal(mailer: SmtpMailer) -> MailNotSentError:
    with pytest.raises(MailNotSentError) as failed:
        await mailer.send(A_LETTER)
    assert A_LETTER.to not in "".join(traceback.format_exception(failed.value))
    return failed.value


async def test_the_letter_says_from_whom_when_and_which_it_is(postbox: Postbox) -> None:
    async with smtp_server(postbox) as port:
        mailer = a_mailer(f"smtp://{HOST}:{port}")
        await mailer.send(A_LETTER)
        await mailer.send(A_LETTER)

    first, second = postbox.messages
    assert first["From"] == "Harbour Shop <shop@harbour.example>"
    assert abs((utc_now() - first["Date"].datetime).total_seconds()) < 60
    assert first["Auto-Submitted"] == "auto-generated"
    message_id, _, domain = first["Message-ID"].strip("<>").partition("@")
    assert (UUID(message_id).version, domain) == (7, "harbour.example")
    assert first["Message-ID"] != second["Message-ID"]
    assert [envelope.mail_from for envelope in postbox.envelopes] == ["shop@harbour.example"] * 2
    assert [envelope.rcpt_tos for envelope in postbox.envelopes] == [["ada@harbour.example"]] * 2


async def test_a_server_that_offers_starttls_gets_letter_and_password_encrypted(
    postbox: Postbox, authority: Authority
) -> None:
    options: dict[str, Any] = {
        "tls_context": authority.server,
        "require_starttls": True,
        "auth_required": True,
    }
    async with smtp_server(postbox, **options) as port:
        await a_mailer(f"smtp://{LOGIN}@{HOST}:{port}", trust=authority.clients).send(A_LETTER)

    assert postbox.logins == [(b"quay@side", b"p@ss/word")]
    assert len(postbox.messages) == 1


async def test_smtps_is_encrypted_from_the_first_byte_on(postbox: Postbox, authority: Authority) -> None:
    async with smtp_server(postbox, tls=authority.server, auth_require_tls=False) as port:
        await a_mailer(f"smtps://{LOGIN}@{HOST}:{port}", trust=authority.clients).send(A_LETTER)

    assert postbox.logins == [(b"quay@side", b"p@ss/word")]
    assert len(postbox.messages) == 1


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_certificate_that_nobody_vouches_for_gets_no_letter(
    scheme: str, postbox: Postbox, authority: Authority
) -> None:
    options: dict[str, Any] = (
        {"tls_context": authority.server} if scheme == "smtp" else {"tls": authority.server}
    )
    async with smtp_server(postbox, **options) as port:
        await refusal(a_mailer(f"{scheme}://{LOGIN}@{HOST}:{port}"))

    assert (postbox.logins, postbox.envelopes) == ([], [])


async def test_within_this_machine_a_password_may_go_unencrypted(postbox: Postbox) -> None:
    async with smtp_server(postbox, auth_require_tls=False) as port:
        await a_mailer(f"smtp://{LOGIN}@{HOST}:{port}").send(A_LETTER)

    assert len(postbox.logins) == 1


@pytest.mark.parametrize(
    ("url", "starts_tls"),
    [
        ("smtp://mail.example", None),
        ("smtp://ada:hunter2@mail.example", True),
        ("smtp://ada:hunter2@10.0.0.1", True),
        ("smtp://ada:hunter2@localhost", None),
        ("smtp://ada:hunter2@[::1]", None),
        ("smtps://ada:hunter2@mail.example", False),
    ],
)
def test_no_password_leaves_this_machine_unencrypted(url: str, starts_tls: bool | None) -> None:  # noqa: FBT001
    assert SmtpServer.at(url).starts_tls() is starts_tls


async def test_a_wrong_password_is_told(postbox: Postbox) -> None:
    async with smtp_server(postbox, auth_require_tls=False) as port:
        failed = await refusal(a_mailer(f"smtp://quayside:hunter2@{HOST}:{port}"))

    assert "535" in str(failed)
    assert "hunter2" not in "".join(traceback.format_exception(failed))


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("RCPT", "550 5.1.1 <ada@harbour.example>: no such user"),
        ("RCPT", "450 4.2.0 <ada@harbour.example>: greylisted"),
        ("DATA", "554 5.7.1 letter to ada@harbour.example looks like spam"),
    ],
)
async def test_what_the_server_refuses_is_told_by_its_code_alone(
    command: str, answer: str, postbox: Postbox
) -> None:
    postbox.refusals[command] = answer
    async with smtp_server(postbox) as port:
        failed = await refusal(a_mailer(f"smtp://{HOST}:{port}"))

    assert answer[:3] in str(failed)
    assert failed.code == "external_service_error"


async def test_a_server_that_is_not_there_is_told() -> None:
    async with smtp_server(Postbox()) as port:
        pass

    failed = await refusal(a_mailer(f"smtp://{HOST}:{port}"))

    assert "cannot be reached" in str(failed)


async def test_a_server_that_takes_its_time_is_given_up(postbox: Postbox) -> None:
    postbox.delay_s = 30
    async with smtp_server(postbox) as port:
        started = perf_counter()
        failed = await refusal(a_mailer(f"smtp://{HOST}:{port}", timeout_s=0.2))

    assert 0.15 < perf_counter() - started < 5
    assert "in time" in str(failed)


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_server_that_says_nothing_is_given_up(scheme: str) -> None:
    async with deaf_server() as port:
        started = perf_counter()
        failed = await refusal(a_mailer(f"{scheme}://{HOST}:{port}", timeout_s=0.2))

    assert perf_counter() - started < 5
    assert "in time" in str(failed)


async def test_a_server_that_drips_is_given_up_in_the_same_time() -> None:
    async with deaf_server(drip=b"220-not yet\r\n") as port:
        started = perf_counter()
        await refusal(a_mailer(f"smtp://{HOST}:{port}", timeout_s=0.2))

    assert perf_counter() - started < 5


async def test_a_letter_that_was_taken_is_sent_though_nobody_says_goodbye(postbox: Postbox) -> None:
    class Abrupt(Postbox):
        async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
            server.transport.abort()
            return "221 Bye"

    abrupt = Abrupt()
    async with smtp_server(abrupt) as port:
        await a_mailer(f"smtp://{HOST}:{port}").send(A_LETTER)

    assert len(abrupt.messages) == 1


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example", ("mail.example", 587, False, None)),
        ("smtps://mail.example", ("mail.example", 465, True, None)),
        ("SMTP://[2001:db8::1]:2525", ("2001:db8::1", 2525, False, None)),
        ("smtps://a%40b:c%3Ad@mail.example/", ("mail.example", 465, True, "a@b")),
    ],
)
def test_a_url_names_the_server(url: str, expected: tuple[str, int, bool, str | None]) -> None:
    server = SmtpServer.at(url)

    assert (server.host, server.port, server.is_tls, server.username) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example",
        "http://mail.example",
        "smtp://",
        "smtp://mail:port",
        "smtp://:hunter2@mail",
        "smtp://[::1",
    ],
)
def test_what_is_no_url_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(ValidationFailedError) as refused:
        SmtpServer.at(url)

    assert "hunter2" not in "".join(traceback.format_exception(refused.value))


def test_the_password_is_not_shown() -> None:
    assert "hunter2" not in repr(SmtpServer.at("smtps://ada:hunter2@mail.example"))
