"""Usernames and e-mail addresses, without regard to case."""

from hashlib import sha256


def name_digest(name: str) -> bytes:
    """
    What is kept of a username or an e-mail address for ever, so that nobody else takes it: the same in any case.

    Source: Unicode 16, section 3.13, default caseless matching.
    """
    return sha256(name.casefold().encode("utf-8", "surrogatepass")).digest()
