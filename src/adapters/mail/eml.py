"""Letters as files, for development: nothing leaves the machine."""

import asyncio
import os
from email.message import EmailMessage
from pathlib import Path

from attrs import frozen

from ...core.identity import Mail, MailNotSentError
from ...core.kernel import Clock, IdFactory
from .message import message_of


@frozen
class EmlDirectoryMailer:
    """
    A `Mailer` that writes each letter to a file ``<UTC time>-<id>.eml``; the names are in the order of sending.

    A file is there whole or not at all, and nobody but its owner reads it: letters hold addresses and tokens.

    Args:
        directory: Made, for its owner alone, where there is none.
        sender: An address, with a name or without.
    """

    directory: Path
    sender: str
    clock: Clock
    new_id: IdFactory

    async def send(self, mail: Mail) -> None:
        at, message_id = self.clock(), self.new_id()
        message = message_of(mail, self.sender, at=at, message_id=message_id)
        try:
            await asyncio.to_thread(self._write, f"{at:%Y%m%dT%H%M%S.%fZ}-{message_id}.eml", message)
        except OSError as error:
            raise MailNotSentError("the file cannot be written") from error

    def _write(self, name: str, message: EmailMessage) -> None:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self.directory / f".{name}.part"
        try:
            with open(unfinished, "xb", opener=_private) as file:
                file.write(message.as_bytes())
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(self.directory / name)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)
