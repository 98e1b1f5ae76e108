from pathlib import Path

import pytest

from behaviour.process_logging import logging_put_back
from postgres_databases import delete_all_rows, embedded_database, embedded_server, url_of

# pytest knows a fixture where its name is.
__all__ = ["embedded_database", "embedded_server", "logging_put_back"]


@pytest.fixture
def shared_database(embedded_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is stored. Several commands, each a process of its own in earnest, share what they store."""
    delete_all_rows(embedded_database)
    settings = {
        "DATABASE_URL": url_of(embedded_database),
        "BREACH_CHECK_URL": "off",
        "ARGON2_MEMORY_KIB": "8",
        "POOL_MIN_SIZE": "1",
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"QUAYSIDE_{name}", value)
    monkeypatch.chdir(tmp_path)
