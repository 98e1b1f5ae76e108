"""What guessing the strength of passwords has to do (`core.identity.StrengthMeter`)."""

from itertools import pairwise
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quayside.adapters.security.strength import ZxcvbnStrengthMeter
from quayside.core.identity import StrengthMeter
from quayside.core.kernel import Secret

LEET = "4@8({[<369&#!1/|0$5+7%2"
"""Signs that stand for letters, several for one."""


@pytest.fixture
def meter() -> StrengthMeter:
    return ZxcvbnStrengthMeter()


async def test_what_is_harder_to_guess_scores_higher(meter: StrengthMeter) -> None:
    from_bad_to_good = ["password", "Monkey1984", "xkWq93z", "gentle-otter7", "volatile otter hums 9 sonatas"]

    scores = [(await meter.measure(Secret(password))).score for password in from_bad_to_good]

    assert scores[0] == 0
    assert scores[-1] == 4
    assert all(worse <= better for worse, better in pairwise(scores))


async def test_a_weak_password_is_told_why_and_how_long_it_lasts(meter: StrengthMeter) -> None:
    strength = await meter.measure(Secret("Password1"))

    assert strength.score <= 1
    assert "This is a very common password." in strength.feedback
    assert strength.time_to_crack == "less than a second"


async def test_a_strong_password_lasts_and_needs_no_advice(meter: StrengthMeter) -> None:
    strength = await meter.measure(Secret("volatile otter hums 9 sonatas"))

    assert strength.feedback == ()
    assert strength.time_to_crack == "centuries"


async def test_what_is_known_of_its_user_makes_a_password_weaker(meter: StrengthMeter) -> None:
    password = Secret("lovelace1815")

    alone = await meter.measure(password)
    known = await meter.measure(password, ["Ada", "Lovelace", "1815"])

    assert known.score < alone.score


async def test_an_empty_password_is_worth_nothing(meter: StrengthMeter) -> None:
    assert (await meter.measure(Secret(""))).score == 0


async def test_what_lies_beyond_the_measured_beginning_makes_no_password_weaker(meter: StrengthMeter) -> None:
    long = "volatile otter hums 9 sonatas " * 40

    assert (await meter.measure(Secret(long))).score == 4


@pytest.mark.parametrize(
    "costly",
    [LEET * 50, "a1@$0!|7+" * 100, "1234567890" * 100, "password" * 100, "😀\u200d" * 500, "x" * 1_000_000],
    ids=lambda costly: costly[:10],
)
async def test_no_password_keeps_everybody_else_waiting(meter: StrengthMeter, costly: str) -> None:
    user_inputs = ["x" * 10_000, *map(str, range(200_000))]
    spent = []
    for _ in range(3):
        began = process_time()
        await meter.measure(Secret(costly), user_inputs)
        spent.append(process_time() - began)

    assert min(spent) < 0.06


async def test_the_costliest_of_passwords_still_scores_highest(meter: StrengthMeter) -> None:
    assert (await meter.measure(Secret("8({[<369&#!1/|0$5+7%2@4"))).score == 4


@given(st.text(max_size=100), st.lists(st.text(max_size=20), max_size=3))
async def test_any_password_can_be_measured(password: str, user_inputs: list[str]) -> None:
    strength = await ZxcvbnStrengthMeter().measure(Secret(password), user_inputs)

    assert 0 <= strength.score <= 4
    assert strength.time_to_crack
