"""Whose certificates are trusted."""

import ssl
from functools import cache

import httpx


@cache
def trusted() -> ssl.SSLContext:
    """What a client checks servers against: read once, for it takes longer than many a request."""
    return httpx.create_ssl_context()
