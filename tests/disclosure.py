"""
What a run of tests brings to light, and which secrets are in it.

Whatever anybody could read is shown here, wherever it comes from: each line that is logged, each answer over HTTP,
each event, what commands and services print. A secret is known by its form, or because somebody has typed it.

No test has to think of it: ``watched_libraries`` and the builders tell of everything, and ``conftest`` looks.
"""

import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from string import ascii_letters, digits, hexdigits

from attrs import define, field, frozen

# Anything shorter, or of fewer kinds of characters, is bound to be somewhere.
_LEAST, _FEWEST = 8, 4

_CVV = re.compile(r"\bcv[cv]\b[\"'\\]{0,3}\s?[:=]\s?[\"'\\]{0,3}\d{3,4}\b")

# Everything becomes a space but what tokens and hashes are made of.
_WORDS = bytes(byte if chr(byte) in f"{ascii_letters}{digits}-_" else ord(" ") for byte in range(256))
_LENGTH_OF_TOKEN, _LENGTH_OF_HASH = 43, 64


@frozen
class _Shown:
    """
    Args:
        by_several: Whether earlier tests have had a part in it.
        is_kept: Whether it stands where hashes belong.
    """

    where: str
    text: str
    by_several: bool
    is_kept: bool

    def secrets(self, typed: Iterable[str]) -> list[str]:
        """Those of *typed* that are in it, and what is known by its form."""
        found = _secrets_in(self.text, typed)
        return found if self.is_kept else [*found, *_tokens_and_hashes_in(self.text)]


@define
class _Run:
    """
    Args:
        typed: Secrets that somebody has typed since the last look.
        ever_typed: Those of the whole run.
        shown: What came to light since the last look.
    """

    typed: set[str] = field(factory=set)
    ever_typed: set[str] = field(factory=set)
    shown: list[_Shown] = field(factory=list)


_run = _Run()


def typed(*secrets: str) -> None:
    """Know each of *secrets* from now on."""
    _run.typed.update(secret for secret in secrets if len(secret) >= _LEAST and len(set(secret)) >= _FEWEST)


def shown(where: str, text: str, *, by_several: bool = False, is_kept: bool = False) -> None:
    """
    Have *text* looked through when the test is over.

    Args:
        by_several: Whether it may hold what was typed in earlier tests.
        is_kept: Whether it is in storage, where hashes of passwords and tokens belong.
    """
    _run.shown.append(_Shown(where, text, by_several, is_kept))


def found() -> list[tuple[str, str]]:
    """Where which secret was shown since the last look."""
    texts, secrets = _run.shown, _run.typed
    _run.shown, _run.typed = [], set()
    _run.ever_typed |= secrets
    return [
        (each.where, secret)
        for each in texts
        for secret in each.secrets(_run.ever_typed if each.by_several else secrets)
    ]


def show_logs(folder: Path) -> None:
    """Show every file to which a process in *folder* has logged."""
    for path in _logs_below(folder):
        with suppress(FileNotFoundError):  # another worker's, which is tidying up
            shown(str(path), path.read_text("utf-8", "replace"), by_several=True)


def _secrets_in(text: str, secrets: Iterable[str]) -> list[str]:
    return [
        *(secret for secret in secrets if secret in text or _escaped(secret) in text),
        *(secret for secret in _always_known() if secret in text),
        *(_CVV.findall(text.lower()) if "cv" in text else ()),
    ]


def _tokens_and_hashes_in(text: str) -> list[str]:
    hashes = ["$argon2"] if "$argon2" in text else []
    return hashes + [word for word in _long_words_of(text) if _is_token_or_hash(word)]


@cache
def _always_known() -> tuple[str, ...]:
    # Whoever shows something has imported them already; the others shall not wait for it.
    from builders import CARDS, PASSWORD, members  # noqa: PLC0415

    return (*CARDS, PASSWORD, members.PASSWORD, "PRIVATE KEY")


def _long_words_of(text: str) -> Iterator[str]:
    # Most of a run's time for looking is spent here, so it is no regular expression.
    spaced = text.replace("\\n", " ").replace("\\x", " ").encode("utf-8", "replace").translate(_WORDS)
    return (word.decode() for word in spaced.split() if len(word) >= _LENGTH_OF_TOKEN)


def _is_token_or_hash(word: str) -> bool:
    """Whether *word* is a part of an access token, the hash of a token, a token, or a private key."""
    if word.startswith("eyJ"):
        return True
    if len(word) == _LENGTH_OF_HASH:
        return set(word) <= set(hexdigits)
    kinds = (str.islower, str.isupper, str.isdecimal)
    return len(word) == _LENGTH_OF_TOKEN and all(any(map(kind, word)) for kind in kinds)


@cache
def _escaped(secret: str) -> str:
    return json.dumps(secret)[1:-1]


def _logs_below(folder: Path) -> list[Path]:
    logs = []
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in {"base", "global", "pg_wal"}]  # of PostgreSQL
        logs += [Path(parent, name) for name in files if name == "log" or name.endswith(".log")]
    return logs
