"""What hashes the requests that are sent with a key: too few card numbers exist for a plain hash to hide one."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from builders import NOON
from builders.shop import settings_of_a_shop
from quayside.adapters.memory import ManualClock, MemoryIdempotencyKeys
from quayside.entrypoints.composition.idempotency import Idempotency, idempotency_of, key_terms

ASKED = b'{"card_number":"4242424242424242"}'


def idempotency(**changes: Any) -> Idempotency:
    settings = settings_of_a_shop(**changes)
    return idempotency_of(settings, MemoryIdempotencyKeys(ManualClock(NOON), key_terms(settings)))


def test_it_may_be_set_and_is_the_same_in_all_processes_then() -> None:
    one, other = (idempotency(idempotency_secret="x" * 32) for _ in range(2))

    assert one.fingerprint(ASKED) == other.fingerprint(ASKED)
    assert one.fingerprint(ASKED) != idempotency(idempotency_secret="y" * 32).fingerprint(ASKED)
    assert one.fingerprint(ASKED) != sha256(ASKED).digest()


def test_one_that_is_not_set_is_made_and_kept_beside_the_other_keys(tmp_path: Path) -> None:
    one, other = (idempotency(storage="postgres", data_dir=tmp_path) for _ in range(2))

    assert one.fingerprint(ASKED) == other.fingerprint(ASKED)
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["idempotency"]


@pytest.mark.parametrize("secret", [None, "x" * 32])
def test_no_file_is_made_where_it_would_serve_nobody(tmp_path: Path, secret: str | None) -> None:
    first = idempotency(data_dir=tmp_path, idempotency_secret=secret)

    assert first.fingerprint(ASKED) == first.fingerprint(ASKED)
    assert list(tmp_path.iterdir()) == []


def test_it_is_not_shown() -> None:
    assert "x" * 32 not in repr(idempotency(idempotency_secret="x" * 32))
