"""What must never reach a log: card numbers and secrets, wherever they stand."""

import re
from collections.abc import Mapping
from functools import lru_cache

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

# A pair, as headers are kept: ("authorization", "Basic …").
_PAIR = re.compile(
    rf"""(?ix)
    ( [(\[] \s{{0,9}} b?\\*["'] [\w-]{{0,40}} (?:{_HEADERS}|{_SECRETS}) [\w-]{{0,40}} \\*["'] \s{{0,9}} , \s{{0,9}} )
    (?: b?\\*" (?:\\.|[^"\\])* "? | b?\\*' (?:\\.|[^'\\])* '? )
    """
)
# What opens a list, an object or a call, anything that is written in brackets; where it ends no pattern can tell.
_OPENING = re.compile(
    rf"""(?ix)
    ( (?:{_HEADERS}|{_SECRETS}) [\w-]{{0,40}} [\\"']{{0,3}} \s{{0,9}} [:=,] \s{{0,9}} ) [\w.]{{0,64}} [\[({{]
    """
)
_STRING_OR_BRACKET = re.compile(r""" "[^"\\]*("?) | '[^'\\]*('?) | [\[({})\]\\] """, re.VERBOSE)

# Digits in groups, as people write card numbers. A UUID and a trace id are never one, and are needed to find things;
# nor are those digits part of one that an escape ends with.
_DIGITS = re.compile(
    r"""(?x)
    (?P<id> (?<!\w) [0-9A-Fa-f]{8} (?:-[0-9A-Fa-f]{4}){3} - [0-9A-Fa-f]{12} (?!\w) | (?<!\w) [0-9a-f]{32} (?!\w)
        | \\x[0-9a-f]{2} | \\u[0-9A-Fa-f]{4} | \\U[0-9a-f]{8} )
    | [0-9] [0-9\ -]{10,} [0-9]
    """
)
# Most of what is logged holds nothing to hide, which these tell sooner: an id that is known to be none; whatever
# stands between a secret's name and the secret; enough digits in a row for a card number.
_ID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}")
_SEPARATOR = re.compile("[ \t:=,]")
_MANY_DIGITS = re.compile(r"[0-9][0-9\ -]{10,}[0-9]")
_CARD_LENGTHS = range(12, 20)
_LEAST_CARD_NUMBER = 10 ** (_CARD_LENGTHS.start - 1)
_MORE_THAN_A_CARD_NUMBER = 10 ** (_CARD_LENGTHS.stop - 1)
_LONGEST_SEARCHED = 256  # characters; a longer run of digits is masked whole
_MORE_THAN_IS_WRITTEN = (
    10**_LONGEST_SEARCHED
)  # Python itself refuses to write an int of more than 4,300 digits
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
        case None | bool():
            return value
        case int() | float():
            return MASK if _counts_as_card_number(value) or _is_too_long(value) else value
        case Mapping() if depth < _MAX_DEPTH:
            masked = {}
            for name, item in value.items():
                shown, is_secret = _judged(str(name))
                masked[shown] = MASK if is_secret else mask(item, depth + 1)
            return masked
        case (str() | bytes() as name, _) if isinstance(value, tuple) and _names_a_secret(str(name)):
            return [mask(name), MASK]
        case list() | tuple() | set() | frozenset() if depth < _MAX_DEPTH:
            return [mask(item, depth + 1) for item in value]
        case bytes():
            return mask_text(value.decode(errors="replace"))
        case _:
            return mask_text(str(value))


def mask_text(text: str) -> str:
    """Give *text* without the card numbers and secrets in it."""
    if _ID.fullmatch(text):
        return text
    if "://" in text:
        text = _URL_PASSWORD.sub(rf"\1{MASK}@", text)
    if _SEPARATOR.search(text) and _names_a_secret(text):
        text = _PAIR.sub(rf"\1{MASK}", _without_brackets(text))
        text = _HEADER.sub(rf"\1{MASK}", text)
        text = _ASSIGNMENT.sub(rf"\1{MASK}", text)
    return _DIGITS.sub(_without_card_numbers, text) if _MANY_DIGITS.search(text) else text


@lru_cache
def _judged(name: str) -> tuple[str, bool]:
    """*name* as it may be shown, and whether what stands under it may not."""
    return mask_text(name), _names_a_secret(name)


def _names_a_secret(text: str) -> bool:
    return _TELLTALE.search(text.lower()) is not None  # far faster than a pattern that ignores case


def _without_brackets(text: str) -> str:
    """
    Mask what stands in brackets under the name of a secret, however deep; everything that follows, where it is not
    certain where they close: quotes that are escaped, once or often, may stand for strings or in strings.
    """
    kept = []
    start = 0
    while found := _OPENING.search(text, start):
        kept += [text[start : found.end(1)], MASK]
        start = len(text) if "\\" in found[1] else _end_of_brackets(text, found.end() - 1)
    return "".join([*kept, text[start:]])


def _end_of_brackets(text: str, start: int) -> int:
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(text, start):
        if found.group() in set("[({"):
            depth += 1
        elif found.group() in set("])}"):
            depth -= 1
        elif not (found[1] or found[2]):
            break
        if depth == 0:
            return found.end()
    return len(text)


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


def _counts_as_card_number(number: float) -> bool:
    return (
        _LEAST_CARD_NUMBER <= number < _MORE_THAN_A_CARD_NUMBER
        and number == int(number)
        and _is_card_number(str(int(number)))
    )


def _is_too_long(number: float) -> bool:
    # Python refuses to write an int of more than 4,300 digits, and with it the whole line.
    return isinstance(number, int) and abs(number) >= _MORE_THAN_IS_WRITTEN


def _is_card_number(digits: str) -> bool:
    return len(digits) in _CARD_LENGTHS and digits.isdecimal() and passes_luhn(digits)
