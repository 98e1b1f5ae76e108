"""The range search of Pwned Passwords: the first five digits of a hash go out, all that begin so come back."""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from hashlib import sha1
from time import monotonic
from types import TracebackType
from typing import Self

import httpx
from attrs import define, field

from ....core.kernel import ExternalServiceError, QuaysideError, Secret
from ..certificates import trusted

_PREFIX_DIGITS = 5
_MAX_ANSWER_BYTES = 512 * 1_024  # a range has some 40 KiB
_LINE = re.compile(rb"([0-9A-F]{35}):([0-9]{1,18})")

Suffixes = frozenset[bytes]
LookUp = Callable[[], Awaitable[Suffixes]]


class BreachLookUpError(ExternalServiceError):
    """The breach service did not answer, or something else than a range."""


async def _unguarded(look_up: LookUp) -> Suffixes:
    return await look_up()


@define(eq=False)
class HibpBreachedPasswords:
    """
    Asks Pwned Passwords, or whoever speaks its protocol. It never learns a password, and never blocks one by failing.

    Use it as an asynchronous context manager, which keeps the connections open. Answers are padded, so that their
    size does not tell which range was asked for, and kept for a while.

    Args:
        on_failure: Told why a look-up was given up; the password then counts as not breached.
        guard: Makes every call to the service.
        base_url: Where the service is.
        timeout_s: How long a look-up may take, everything included.
        kept_ranges: How many ranges are kept, some 100 KB each.
        kept_for_s: How long they are kept.
        clock_s: Seconds that never go back.

    Source: https://haveibeenpwned.com/API/v3#SearchingPwnedPasswordsByRange
    """

    _on_failure: Callable[[QuaysideError], None]
    _guard: Callable[[LookUp], Awaitable[Suffixes]] = field(default=_unguarded, kw_only=True)
    _base_url: str = field(default="https://api.pwnedpasswords.com", kw_only=True)
    _timeout_s: float = field(default=1.0, kw_only=True)
    _kept_ranges: int = field(default=100, kw_only=True)
    _kept_for_s: float = field(default=3_600.0, kw_only=True)
    _clock_s: Callable[[], float] = field(default=monotonic, kw_only=True)
    _client: httpx.AsyncClient = field(init=False)
    _ranges: OrderedDict[str, tuple[float, Suffixes]] = field(factory=OrderedDict, init=False)

    async def __aenter__(self) -> Self:
        self._client = httpx.AsyncClient(
            base_url=self._base_url,
            headers={"Add-Padding": "true", "User-Agent": "quayside", "Accept-Encoding": "identity"},
            timeout=self._timeout_s,
            verify=trusted(),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def contains(self, password: Secret) -> bool:
        digest = sha1(password.reveal().encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
        prefix, suffix = digest[:_PREFIX_DIGITS].upper(), digest[_PREFIX_DIGITS:].upper()
        try:
            return suffix.encode() in await self._suffixes(prefix)
        except QuaysideError as error:
            self._on_failure(error)
            return False

    async def _suffixes(self, prefix: str) -> Suffixes:
        kept = self._ranges.get(prefix)
        if kept is not None and self._clock_s() < kept[0]:
            self._ranges.move_to_end(prefix)
            return kept[1]
        suffixes = await self._guard(lambda: self._looked_up(prefix))
        self._ranges[prefix] = (self._clock_s() + self._kept_for_s, suffixes)
        self._ranges.move_to_end(prefix)
        if len(self._ranges) > self._kept_ranges:
            self._ranges.popitem(last=False)
        return suffixes

    async def _looked_up(self, prefix: str) -> Suffixes:
        try:
            async with asyncio.timeout(self._timeout_s):
                return _breached(await self._fetched(prefix))
        except BreachLookUpError:
            raise
        except Exception as error:  # nothing that goes wrong out there may keep anybody out here
            raise BreachLookUpError(f"The breach service failed: {type(error).__name__}.") from error

    async def _fetched(self, prefix: str) -> bytes:
        async with self._client.stream("GET", f"/range/{prefix}") as answer:
            if answer.status_code != httpx.codes.OK:
                raise BreachLookUpError(f"The breach service answered with status {answer.status_code}.")
            body = bytearray()
            # As it came: we asked for no compression, and what is compressed can be of any size.
            async for chunk in answer.aiter_raw():
                body += chunk
                if len(body) > _MAX_ANSWER_BYTES:
                    raise BreachLookUpError("The breach service answered with too much.")
        return bytes(body)


def _breached(answer: bytes) -> Suffixes:
    lines = [_LINE.fullmatch(line) for line in answer.split()]
    if not lines or not all(lines):
        raise BreachLookUpError("The breach service answered with something else than a range.")
    # What only pads the answer has a count of zero.
    return frozenset(line[1] for line in lines if line is not None and int(line[2]) > 0)
