"""What must never reach a log: card numbers and secrets, wherever they stand."""

import re
from collections.abc import Mapping

from ...core.payments import passes_luhn

MASK = "***"

_HEADERS = "authorization|bearer|cookie"
_SECRETS = "passw(?:or)?d|secret|token|cvv|cvc|card[_-]?number|(?:api|private)[_-]?key"
_TELLTALE = re.compile(f"{_HEADERS}|{_SECRETS}")

# Every repetition below is bounded, or cannot fail after it: hostile text must not make a log line slow.
_URL_PASSWORD = re.compile(r"(://[^\s:/@\"']{0,256}:)[^\s\"']{0,512}@")
_HEADER = re.compile(rf"(?i)((?:{_HEADERS})[\\\"']{{0,3}}[ \t:=]{{1,9}})[^\r\n]+")
_ASSIGNMENT = re.compile(
    rf"""(?ix)
    ( (?:{_SECRETS}) [\w-]{{0,40}} [\\"']{{0,3}} \s{{0,9}} [:=] \s{{0,9}} )
    (?: b?\\*" (?:\\.|[^"\\])* "? | b?\\*' (?:\\.|[^'\\])* '? | [^\s"',;&)}}\]]+ )
    """
)

# Digits in groups, as people write card numbers. A UUID and a trace id are never one, and are needed to find things.
_DIGITS = re.compile(
    r"""(?x)
    (?P<id> (?<!\w) [0-9A-Fa-f]{8} (?:-[0-9A-Fa-f]{4}){3} - [0-9A-Fa-f]{12} (?!\w) | (?<!\w) [0-9a-f]{32} (?!\w) )
    | [0-9] [0-9\ -]{10,} [0-9]
    """
)
_CARD_LENGTHS = range(12, 20)
_LONGEST_SEARCHED = 256  # characters; a longer run of digits is masked whole
_MAX_DEPTH = 16


def mask(value: object, depth: int = 0) -> object:
    """
    Give *value* as plain JSON data in which no card number and no secret is left.

    What stands under a secret's name is masked whole. Text, and whatever is no JSON type, loses the card numbers, the
    passwords of URLs, and what follows ``password=``, ``Authorization:`` and their like.

    Source: ISO/IEC 7812-1 (length of card numbers, Luhn's check digit); W3C Trace Context (trace ids).
    """
    match value:
        case str():
            return mask_text(value)
        case None | bool() | float():
            return value
        case int():
            return MASK if _is_card_number(str(value)) else value
        case Mapping() if depth < _MAX_DEPTH:
            return {
                mask_text(str(name)): MASK if _names_a_secret(str(name)) else mask(item, depth + 1)
                for name, item in value.items()
            }
        case list() | tuple() | set() | frozenset() if depth < _MAX_DEPTH:
            return [mask(item, depth + 1) for item in value]
        case bytes():
            return mask_text(value.decode(errors="replace"))
        case _:
            return mask_text(str(value))


def mask_text(text: str) -> str:
    """Give *text* without the card numbers and secrets in it."""
    if "://" in text:
        text = _URL_PASSWORD.sub(rf"\1{MASK}@", text)
    if _names_a_secret(text):
        text = _HEADER.sub(rf"\1{MASK}", text)
        text = _ASSIGNMENT.sub(rf"\1{MASK}", text)
    return _DIGITS.sub(_without_card_numbers, text) if len(text) >= _CARD_LENGTHS.start else text


def _names_a_secret(text: str) -> bool:
    return _TELLTALE.search(text.lower()) is not None  # far faster than a pattern that ignores case


def _without_card_numbers(found: re.Match[str]) -> str:
    """Mask each run of whole groups that is a card number: an expiry or a cvv may stand right beside it."""
    if found["id"]:
        return found["id"]
    if len(found.group()) > _LONGEST_SEARCHED:
        return MASK
    groups_and_gaps = re.split(r"([ -]+)", found.group())
    kept = []
    start = 0
    while start < len(groups_and_gaps):
        end = _end_of_card_number(groups_and_gaps, start)
        kept.append(MASK if end else groups_and_gaps[start])
        start = end or start + 1
    return "".join(kept)


def _end_of_card_number(groups_and_gaps: list[str], start: int) -> int | None:
    """Where the longest card number that begins at *start* ends, if one begins there."""
    digits, end = "", None
    for index in range(start, len(groups_and_gaps), 2):
        digits += groups_and_gaps[index]
        if len(digits) >= _CARD_LENGTHS.stop:
            break
        if _is_card_number(digits):
            end = index + 1
    return end


def _is_card_number(digits: str) -> bool:
    return len(digits) in _CARD_LENGTHS and digits.isdecimal() and passes_luhn(digits)
