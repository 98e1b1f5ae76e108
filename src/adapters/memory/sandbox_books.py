"""The sandbox gateway's books, for as long as the process lives."""

from attrs import define, field


@define
class MemorySandboxBooks:
    """Documents by id, with the version each has reached."""

    _documents: dict[str, tuple[int, str]] = field(factory=dict)

    async def load(self, document_id: str) -> tuple[int, str] | None:
        return self._documents.get(document_id)

    async def store(self, document_id: str, document: str, expected_version: int) -> bool:
        version, _ = self._documents.get(document_id, (0, ""))
        if version != expected_version:
            return False
        self._documents[document_id] = (version + 1, document)
        return True
