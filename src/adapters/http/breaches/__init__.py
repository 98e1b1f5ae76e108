"""Passwords known from breaches, by Have I Been Pwned."""

from .hibp import HibpBreachedPasswords

__all__ = ["HibpBreachedPasswords"]
