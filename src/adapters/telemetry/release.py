"""Which release this is."""

from functools import cache
from importlib.metadata import version


@cache
def release() -> str:
    """Its version; the file that has it is read once."""
    return version("quayside")
