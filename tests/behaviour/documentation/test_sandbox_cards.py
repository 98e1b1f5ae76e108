"""The reference tells of every card of the sandbox what comes of it."""

import re
from pathlib import Path

from quayside.adapters.sandbox.cards import DECLINES, Behaviour, behaviour_of, token_for

REFERENCE = Path(__file__).parents[3] / "docs/reference/http.md"


def test_every_card_that_does_not_just_pay_is_told_of_with_why_it_is_declined() -> None:
    rows = re.findall(r"^\| `(\d{16})` \| (.*) \|$", REFERENCE.read_text("utf-8"), re.MULTILINE)

    told = {behaviour_of(token_for(number)): meaning for number, meaning in rows}

    assert {*told} == {*Behaviour} - {Behaviour.APPROVE}
    for behaviour, declined in DECLINES.items():
        assert told[behaviour] == f"declined: `{declined.code}`"
