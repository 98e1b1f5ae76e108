"""
Moments, as a query writes them.

Source: RFC 3339, section 5.6.
"""

import re
from datetime import UTC, datetime, timedelta, timezone

# A plus sign that was not escaped arrives as a space; nothing else could stand there.
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d+))?(?:([Zz])|([-+ ])(\d{2}):(\d{2}))", re.ASCII
)
_MOST_DIGITS = 6


def moment_of(text: str) -> datetime:
    """
    The moment that *text* names, in UTC; what is finer than a microsecond is cut off.

    Raises:
        ValueError: it is none, has no offset, or cannot be told in UTC.
    """
    found = _MOMENT.fullmatch(text)
    if not found:
        raise ValueError("no moment")
    day, time, fraction, zulu, sign, hours, minutes = found.groups()
    micros = (fraction or "0")[:_MOST_DIGITS].ljust(_MOST_DIGITS, "0")
    offset = timedelta(0)
    if not zulu:
        if int(hours) > 23 or int(minutes) > 59:
            raise ValueError("no offset")
        offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
    try:
        return (
            datetime.fromisoformat(f"{day}T{time}.{micros}").replace(tzinfo=timezone(offset)).astimezone(UTC)
        )
    except OverflowError:
        raise ValueError("out of range") from None
