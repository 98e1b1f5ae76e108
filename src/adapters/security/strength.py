"""How hard a password is to guess, as zxcvbn sees it."""

from collections.abc import Sequence
from math import prod

from ...core.identity import PasswordStrength
from ...core.kernel import Secret, require

with require("security"):
    from zxcvbn_rs_py import zxcvbn

_MAX_CHARACTERS = 72
_MAX_USER_INPUTS = 20

_LEET = ("4@", "({[<", "69", "1!|", "1|7", "$5", "+7")
"""The letters (a, c, g, i, l, s, t) that zxcvbn knows more than one sign for."""

_MAX_EFFORT = 4 * _MAX_CHARACTERS**2


class ZxcvbnStrengthMeter:
    """
    Scores the beginning of a password: as much of it as zxcvbn does in milliseconds.

    zxcvbn is quadratic in the length, and tries every combination of signs that can stand for one letter: 72 signs
    chosen for that take half a second, during which nothing else runs. So such a password counts up to where it
    becomes too costly, which is far beyond the point where it has the highest score.

    The time to crack assumes that somebody has the hash, and makes ten thousand guesses a second.

    Source: Wheeler, zxcvbn: Low-Budget Password Strength Estimation, USENIX Security 2016.
    """

    async def measure(self, password: Secret, user_inputs: Sequence[str] = ()) -> PasswordStrength:
        # Not in a thread: the library holds the interpreter's lock.
        estimate = zxcvbn(
            _affordable(password.reveal()),
            [text[:_MAX_CHARACTERS] for text in user_inputs[:_MAX_USER_INPUTS]],
        )
        feedback = estimate.feedback
        lines = [] if feedback is None else [feedback.warning, *feedback.suggestions]
        return PasswordStrength(
            score=int(estimate.score),
            feedback=tuple(str(line) for line in lines if line is not None),
            time_to_crack=estimate.crack_times_display.offline_slow_hashing_1e4_per_second,
        )


def _affordable(password: str) -> str:
    """The longest beginning that is scored in time."""
    beginning = password[:_MAX_CHARACTERS]
    while _effort(beginning) > _MAX_EFFORT:
        beginning = beginning[:-1]
    return beginning


def _effort(password: str) -> int:
    signs = set(password)
    combinations = prod(len(signs.intersection(alike)) or 1 for alike in _LEET)
    return len(password) ** 2 * combinations
