"""Whose certificates are trusted."""

import ssl
from functools import cache

from ...core.kernel import require

with require("http"):
    import httpx


@cache
def trusted() -> ssl.SSLContext:
    """What a client checks servers against: read once, for it takes longer than many a request."""
    return httpx.create_ssl_context()
