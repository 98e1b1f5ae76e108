"""Laws of the books: an entry that is there balances, and what is booked is what was moved."""

from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import NOON
from quayside.core.eventlog import EventEnvelope, EventId
from quayside.core.kernel import Money
from quayside.core.payments import (
    JournalEntry,
    PaymentAccount,
    PaymentCaptured,
    PaymentId,
    Posting,
    RefundId,
    RefundSucceeded,
    UnbalancedEntryError,
    entry_of,
)

AN_ID = PaymentId(UUID(int=7))
SOME = 2**63 - 1

minors = st.integers(-SOME, SOME).filter(bool)
currencies = st.sampled_from(["GBP", "JPY", "KWD"])


def an_entry(*postings: Posting) -> JournalEntry:
    return JournalEntry(event_id=EventId(UUID(int=1)), at=NOON, postings=postings)


def postings(minors: list[int], currency: str) -> list[Posting]:
    return [Posting(f"account-{nth}", Money(minor, currency)) for nth, minor in enumerate(minors)]


@given(st.lists(minors, min_size=1, max_size=6), currencies, st.randoms(use_true_random=False))
def test_whatever_adds_up_to_zero_is_an_entry(amounts: list[int], currency: str, random: Random) -> None:
    both_sides = [*amounts, *(-minor for minor in amounts)]
    random.shuffle(both_sides)

    entry = an_entry(*postings(both_sides, currency))

    assert [posting.amount.minor for posting in entry.postings] == both_sides


@given(st.lists(minors, max_size=6).filter(lambda amounts: not amounts or sum(amounts)), currencies)
def test_whatever_does_not_is_none(amounts: list[int], currency: str) -> None:
    with pytest.raises(UnbalancedEntryError):
        an_entry(*postings(amounts, currency))


@given(minors)
def test_two_currencies_do_not_make_up_for_each_other(minor: int) -> None:
    with pytest.raises(UnbalancedEntryError):
        an_entry(Posting("a", Money(minor, "GBP")), Posting("b", Money(-minor, "EUR")))


@given(minors)
def test_no_posting_is_of_nothing(minor: int) -> None:
    with pytest.raises(UnbalancedEntryError):
        an_entry(*postings([minor, 0, -minor], "GBP"))


@given(st.integers(1, SOME), st.lists(st.integers(1, SOME), max_size=6), currencies)
def test_what_the_gateway_owes_us_is_what_was_captured_less_what_was_refunded(
    captured: int, refunds: list[int], currency: str
) -> None:
    events = [
        PaymentCaptured(AN_ID, Money(captured, currency), NOON),
        *(RefundSucceeded(AN_ID, RefundId(AN_ID), Money(minor, currency), NOON) for minor in refunds),
    ]

    entries = [
        entry_of(EventEnvelope(EventId(UUID(int=nth)), event, NOON, AN_ID))
        for nth, event in enumerate(events)
    ]

    def balance(account: PaymentAccount) -> int:
        return sum(entry.balance(account) for entry in entries if entry)

    assert balance(PaymentAccount.GATEWAY_RECEIVABLE) == captured - sum(refunds)
    assert balance(PaymentAccount.CONTRACT_LIABILITIES) == -captured
    assert balance(PaymentAccount.REFUNDS) == sum(refunds)
