"""What every mailer does (`core.identity.Mailer`)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest
from attrs import frozen

from quayside.adapters.mail import EmlDirectoryMailer, SmtpMailer, SmtpServer
from quayside.adapters.memory import MemoryMailer
from quayside.adapters.system import entropy, utc_now
from quayside.core.identity import Mail, Mailer
from quayside.core.kernel import Uuid7Factory, ValidationFailedError
from smtp_servers import HOST, Postbox, read, smtp_server

SENDER = "Harbour Shop <shop@harbour.example>"


@frozen
class Post:
    """
    A mailer, and the other end.

    Args:
        delivered: Gives what arrived, in order.
    """

    mailer: Mailer
    delivered: Callable[[], list[Mail]]


def as_mail(message: EmailMessage) -> Mail:
    text = message.get_content().replace("\r\n", "\n")
    return Mail(to=str(message["To"]), subject=str(message["Subject"]), text=text)


@asynccontextmanager
async def in_memory(folder: Path) -> AsyncIterator[Post]:
    mailer = MemoryMailer()
    yield Post(mailer, lambda: mailer.sent)


@asynccontextmanager
async def in_a_directory(folder: Path) -> AsyncIterator[Post]:
    mailer = EmlDirectoryMailer(folder, SENDER, utc_now, Uuid7Factory(utc_now, entropy))
    yield Post(mailer, lambda: [as_mail(read(file.read_bytes())) for file in sorted(folder.iterdir())])


@asynccontextmanager
async def by_smtp(folder: Path) -> AsyncIterator[Post]:
    postbox = Postbox()
    async with smtp_server(postbox) as port:
        server = SmtpServer.at(f"smtp://{HOST}:{port}")
        mailer = SmtpMailer(server, SENDER, utc_now, Uuid7Factory(utc_now, entropy))
        yield Post(mailer, lambda: [as_mail(message) for message in postbox.messages])


@pytest.fixture(params=[in_memory, in_a_directory, by_smtp], ids=lambda way: way.__name__)
async def post(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Post]:
    """A mailer that has sent nothing."""
    async with request.param(tmp_path) as post:
        yield post


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Your address", "Hello Ada,\n\nhere it is.\n"),
        ("Ünïcode ⚓ ضياء 港", "Grüße, 港の皆さん! 🚢\n\tÿ\n"),
        ("Reset " * 40 + "it", f"https://harbour.example/reset-password?token={'a' * 200}\n"),
        ("Dots", ".\n..\n.start\nFrom here on\n"),
        ("Long", "ü" * 3_000 + "\n" + "u" * 3_000 + "\n"),
    ],
    ids=["plain", "unicode", "link", "dots", "long"],
)
async def test_a_letter_arrives_as_it_was_written(post: Post, subject: str, text: str) -> None:
    mail = Mail(to="o'ada+{b}@harbour.example", subject=subject, text=text)

    await post.mailer.send(mail)

    assert post.delivered() == [mail]


async def test_letters_arrive_in_the_order_of_sending(post: Post) -> None:
    mails = [Mail(f"ada{number}@harbour.example", "Hello", f"{number}\n") for number in range(5)]

    for mail in mails:
        await post.mailer.send(mail)

    assert post.delivered() == mails


async def test_of_letters_sent_at_once_each_arrives_once(post: Post) -> None:
    mails = {Mail(f"ada{number}@harbour.example", "Hello", f"{number}\n") for number in range(10)}

    await asyncio.gather(*(post.mailer.send(mail) for mail in mails))

    assert len(post.delivered()) == 10
    assert set(post.delivered()) == mails


@pytest.mark.parametrize(
    "to",
    [
        "ada@harbour.example\nBcc: eve@evil.example",
        "ada@harbour.example\r\nBcc: eve@evil.example",
        "ada@harbour.example, eve@evil.example",
        "Ada <ada@harbour.example>",
        "=?utf-8?q?eve=40evil.example=2C?=@harbour.example",
        "=?utf-8?q?ada=0D=0ABcc:=20eve?=@harbour.example",
        "",
    ],
)
def test_no_letter_goes_but_to_one_address(to: str) -> None:
    with pytest.raises(ValidationFailedError) as refused:
        Mail(to, "Hello", "Hello\n")

    assert [error.field for error in refused.value.field_errors] == ["to"]


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "Hello\n",
        "Hello\r\nBcc: eve@evil.example",
        "Hello\rBcc: eve",
        "Hello\u2028there",
        "Hello\x85there",
        "\x00",
    ],
)
def test_no_subject_can_add_a_header(subject: str) -> None:
    with pytest.raises(ValidationFailedError) as refused:
        Mail("ada@harbour.example", subject, "Hello\n")

    assert {error.field for error in refused.value.field_errors} == {"subject"}


@pytest.mark.parametrize("text", ["Hello\x00", "Hello\rthere", "\ud800"])
def test_no_text_has_characters_that_mail_cannot_carry(text: str) -> None:
    with pytest.raises(ValidationFailedError) as refused:
        Mail("ada@harbour.example", "Hello", text)

    assert [error.field for error in refused.value.field_errors] == ["text"]
