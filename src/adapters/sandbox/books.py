"""Where the sandbox keeps its own records, as a real gateway would keep its own."""

from typing import Protocol


class SandboxBooks(Protocol):
    """
    Documents by id, each replaced only by who read it last. Contract: tests/contract/test_sandbox_books.py.

    They are outside every transaction of ours: what the gateway did stays done, whatever becomes of our side.
    """

    async def load(self, document_id: str) -> tuple[int, str] | None:
        """The document's version and JSON text; None if there is none."""
        ...

    async def store(self, document_id: str, document: str, expected_version: int) -> bool:
        """Make *document* the next version; False, and nothing done, unless *expected_version* (0: none) is current."""
        ...
