"""Passwords known from breaches, by Have I Been Pwned."""

from ....core.kernel import require

with require("http"):
    from .hibp import BreachLookUpError, HibpBreachedPasswords

__all__ = ["BreachLookUpError", "HibpBreachedPasswords"]
