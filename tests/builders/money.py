"""Amounts, short enough to read a rule at a glance."""

from quayside.core.kernel import Money


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def gbp(amount: str) -> Money:
    return Money.of(amount, "GBP")


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


def jpy(amount: str) -> Money:
    return Money.of(amount, "JPY")


def kwd(amount: str) -> Money:
    return Money.of(amount, "KWD")
