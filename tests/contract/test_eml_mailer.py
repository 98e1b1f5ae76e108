"""What the mailer that writes files does beyond its port."""

import asyncio
import stat
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from quayside.adapters.mail import EmlDirectoryMailer
from quayside.adapters.memory import ManualClock
from quayside.adapters.system import entropy
from quayside.core.identity import Mail, MailNotSentError
from quayside.core.kernel import Uuid7Factory
from smtp_servers import read

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
LINK = f"http://127.0.0.1:8000/reset-password?token={'Zz0-_' * 9}"
A_LETTER = Mail("ada@harbour.example", "Your password", f"Follow this link:\n\n{LINK}\n")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def mailer(tmp_path: Path, clock: ManualClock) -> EmlDirectoryMailer:
    sender = "Harbour Shop <shop@harbour.example>"
    return EmlDirectoryMailer(tmp_path / "new" / "mail", sender, clock, Uuid7Factory(clock, entropy))


async def test_the_file_is_a_message_as_others_expect_it(mailer: EmlDirectoryMailer) -> None:
    await mailer.send(A_LETTER)

    (file,) = mailer.directory.iterdir()
    message = read(file.read_bytes())
    assert message["From"] == "Harbour Shop <shop@harbour.example>"
    assert message["Date"].datetime == NOON
    assert message["Message-ID"].endswith("@harbour.example>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "text/plain"


async def test_a_link_can_be_taken_from_the_file_as_it_is(mailer: EmlDirectoryMailer) -> None:
    await mailer.send(A_LETTER)

    (file,) = mailer.directory.iterdir()
    assert LINK in file.read_text("ascii").splitlines()


async def test_only_the_owner_reads_letters(mailer: EmlDirectoryMailer) -> None:
    await mailer.send(A_LETTER)

    (file,) = mailer.directory.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(mailer.directory.stat().st_mode) == 0o700


async def test_names_are_in_the_order_of_time(mailer: EmlDirectoryMailer, clock: ManualClock) -> None:
    subjects = ["First", "Second", "Third"]
    for subject in subjects:
        await mailer.send(Mail("ada@harbour.example", subject, "Hello\n"))
        clock.advance(timedelta(seconds=50))

    files = sorted(mailer.directory.iterdir())

    assert [read(file.read_bytes())["Subject"] for file in files] == subjects
    assert files[0].name.startswith("20260304T120000.000000Z-")
    assert {file.suffix for file in files} == {".eml"}


async def test_a_folder_that_is_there_is_used_as_it_is(mailer: EmlDirectoryMailer) -> None:
    mailer.directory.mkdir(mode=0o755, parents=True)

    await mailer.send(A_LETTER)

    assert stat.S_IMODE(mailer.directory.stat().st_mode) == 0o755


async def test_a_folder_that_cannot_be_is_told_without_the_address(
    tmp_path: Path, mailer: EmlDirectoryMailer
) -> None:
    (tmp_path / "new").write_text("a file where the folder should be")

    with pytest.raises(MailNotSentError) as failed:
        await mailer.send(A_LETTER)

    assert A_LETTER.to not in "".join(traceback.format_exception(failed.value))


async def test_nobody_sees_an_unfinished_letter(mailer: EmlDirectoryMailer) -> None:
    mailer.directory.mkdir(parents=True)
    found: set[bytes] = set()

    async def look() -> None:
        while True:
            found.update(file.read_bytes()[-4:] for file in mailer.directory.glob("*.eml"))
            await asyncio.sleep(0)

    looking = asyncio.create_task(look())
    for _ in range(5):
        await mailer.send(Mail("ada@harbour.example", "Big", "x" * 900_000 + "\nEND\n"))
    looking.cancel()

    assert found == {b"END\n"}
    assert len(list(mailer.directory.iterdir())) == 5
