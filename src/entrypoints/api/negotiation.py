"""What a client would rather have, by the weights of its headers."""

import re
from collections.abc import Iterable

_WEIGHT = re.compile(r"(0(\.[0-9]{0,3})?|1(\.0{0,3})?)")  # RFC 9110, 12.4.2


def weights(header: str) -> dict[str, float]:
    """
    How much each alternative of ``Accept`` or a header like it is wanted, from 0 to 1, in lower case.

    Parameters but the weight are not looked at, and what is malformed counts as not sent. Of one that is named twice,
    the last counts.
    """
    found = {}
    for alternative in header.lower().split(","):
        name, *parameters = (part.strip() for part in alternative.split(";"))
        weight = next((text[2:].strip() for text in parameters if text.startswith("q=")), "1")
        if name and _WEIGHT.fullmatch(weight):
            found[name] = float(weight)
    return found


def weight_of(media_type: str, accepted: dict[str, float]) -> float:
    """How much *media_type* is wanted: what names it most precisely decides (RFC 9110, 12.5.1)."""
    return _first_of(accepted, (media_type, f"{media_type.partition('/')[0]}/*", "*/*"))


def weight_of_coding(coding: str, accepted: dict[str, float]) -> float:
    """How much *coding* is wanted by an ``Accept-Encoding`` (RFC 9110, 12.5.3)."""
    return _first_of(accepted, (coding, "*"))


def _first_of(accepted: dict[str, float], names: Iterable[str]) -> float:
    return next((accepted[name] for name in names if name in accepted), 0.0)
