"""Bytes that nobody can predict."""

import os


def entropy(size: int) -> bytes:
    """Give *size* bytes from the operating system's source, fit for keys and tokens."""
    return os.urandom(size)
