"""People with an account, on a service that runs."""

import re
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from builders.members import PASSWORD, V1
from system.service import Service

ADMIN = "harbour_master"
ADMIN_PASSWORD = "Admiralty Chart 2649"

LOGIN = f"{V1}/auth/login"
ME = f"{V1}/auth/me"


def register(service: Service, username: str, password: str = PASSWORD) -> dict[str, Any]:
    """Make an account, at example.com; gives the user."""
    body = {"username": username, "email": address_of(username), "password": password}
    answer = service.ask("POST", f"{V1}/auth/register", body)
    assert answer.status_code == 201, answer.text
    user: dict[str, Any] = answer.json()
    return user


def log_in(service: Service, username: str, password: str = PASSWORD) -> dict[str, Any]:
    """Log in; gives the answer, tokens and all."""
    answer = service.ask("POST", LOGIN, {"username": username, "password": password})
    assert answer.status_code == 200, answer.text
    login: dict[str, Any] = answer.json()
    return login


def address_of(username: str) -> str:
    return f"{username}@example.com"


def mailed_tokens(folder: Path) -> list[str]:
    """The tokens of all letters in *folder*, in the order of sending."""
    return [token for letter in sorted(folder.glob("*.eml")) for token in _tokens(letter.read_bytes())]


def _tokens(letter: bytes) -> list[str]:
    message = message_from_bytes(letter, policy=default)
    [body] = [part for part in message.walk() if part.get_content_type() == "text/plain"]
    return re.findall(r"\?token=(\S+)", body.get_content())
