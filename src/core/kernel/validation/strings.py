"""Rules for text. Lengths are in code points; patterns match the whole text."""

import re
from collections.abc import Mapping
from typing import Final
from unicodedata import combining, normalize

from .limits import counted
from .rules import InTurn, Rule, in_turn

_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff]")  # C0 but tab and newline; lone surrogates

_MARKS_IN_A_ROW = 30
_GRAPHEME_JOINER = "\u034f"
# Tibetan vowel signs that are no marks themselves (combining class 0), but decompose into nothing else.
_HIDDEN_MARKS = "\u0f73\u0f75\u0f81"

# RFC 5321, 4.1.2: a dot-string, and a domain of at least two labels. No quoted strings, no address literals. And by
# RFC 2047, 5 no encoded word: mail software that decodes one all the same finds other addresses and headers in it.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_MAILBOX = rf"(?=[^@]{{1,64}}@)(?![^@]*=\?){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+"


def normalized(text: str) -> str:
    """
    Give *text* the one form it is stored and compared in: NFC, and newlines as LF. For the edges.

    Normalizing takes time quadratic in the length of a run of combining marks, minutes for a megabyte of them. So runs
    beyond 30 are broken up by U+034F first, which no text in any language needs.

    Source:
        UAX #15, Unicode Normalization Forms, section 13: Stream-Safe Text Format.
    """
    text = text.replace("\r\n", "\n")
    return text if text.isascii() else normalize("NFC", _stream_safe(text))


def _stream_safe(text: str) -> str:
    pieces: list[str] = []
    start = marks = 0
    for index, character in enumerate(text):
        if not combining(character) and character not in _HIDDEN_MARKS:
            marks = 0
        elif marks < _MARKS_IN_A_ROW:
            marks += 1
        else:
            pieces.append(text[start:index])
            start, marks = index, 1
    return _GRAPHEME_JOINER.join([*pieces, text[start:]])


def _is_clean(text: str) -> bool:
    return _FORBIDDEN.search(text) is None


def _is_clean_throughout(value: object) -> bool:
    # A list of what is left to do, not recursion: the caller decides how deep the value is.
    left = [value]
    while left:
        match left.pop():
            case str() as text:
                if not _is_clean(text):
                    return False
            case Mapping() as mapping:
                left += [*mapping.keys(), *mapping.values()]
            case list() | tuple() as items:
                left += items
    return True


def _is_blank(text: str) -> bool:
    return not any(character.isprintable() and character != " " for character in text)


text: Final = Rule("invalid_characters", "contains characters that are not allowed", str, _is_clean)
text_throughout: Final = Rule(
    "invalid_characters",
    "contains characters that are not allowed",
    Mapping | list | tuple,
    _is_clean_throughout,
)
not_blank: Final = Rule("blank", "must not be blank", str, lambda value: not _is_blank(value))


def min_length(least: int) -> Rule:
    """At least so many code points."""
    message = f"must have at least {counted(least, 'character')}"
    return Rule("too_short", message, str, lambda value: len(value) >= least)


def max_length(most: int) -> Rule:
    """At most so many code points."""
    message = f"must have at most {counted(most, 'character')}"
    return Rule("too_long", message, str, lambda value: len(value) <= most)


def length(least: int, most: int) -> InTurn:
    """From *least* to *most* code points."""
    return in_turn(min_length(least), max_length(most))


def pattern(regex: str | re.Pattern[str], message: str) -> Rule:
    r"""
    The whole text matches.

    Args:
        regex: As a string, its classes (``\d``, ``\w`` …) are those of ASCII; compile it yourself for other scripts.
            Must not backtrack without bound: it meets texts of any length.
        message: What is asked for: "must be a UK postcode".
    """
    matches = (re.compile(regex, re.ASCII) if isinstance(regex, str) else regex).fullmatch
    return Rule("invalid_format", message, str, lambda value: matches(value) is not None)


def one_of(*options: str) -> Rule:
    """One of these texts, letter by letter."""
    known = frozenset(options)
    return Rule("not_one_of", f"must be one of: {', '.join(options)}", str, known.__contains__)


username: Final = in_turn(
    length(3, 30), pattern(r"[A-Za-z0-9_]+", "must consist of letters A-Z, digits and underscores")
)
slug: Final = pattern(r"[a-z0-9-]+", "must consist of lower-case letters a-z, digits and hyphens")
email: Final = in_turn(max_length(254), pattern(_MAILBOX, "must be an e-mail address"))
