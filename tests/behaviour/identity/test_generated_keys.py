"""Keys that nobody has set: one file, many processes."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from builders import NOON
from builders.access_tokens import a_principal, access_tokens
from quayside.adapters.security.generated_keys import GeneratedKeys, KeyFileError
from quayside.adapters.security.key_ring import JwtAlgorithm, JwtKey

EDDSA = JwtAlgorithm.EDDSA
MINUTE = timedelta(minutes=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Does not exist yet."""
    return tmp_path / "data" / "keys"


def file_in(folder: Path) -> Path:
    [file] = folder.iterdir()
    return file


@pytest.mark.parametrize("algorithm", JwtAlgorithm)
def test_keys_are_made_once(folder: Path, algorithm: JwtAlgorithm) -> None:
    first = GeneratedKeys(folder, algorithm)()

    again = GeneratedKeys(folder, algorithm)()

    assert again == first
    assert again.current.can_sign


def test_nobody_else_may_read_the_file(folder: Path) -> None:
    keys = GeneratedKeys(folder, EDDSA)

    keys()
    made = file_in(folder).stat().st_mode
    keys.rotate(at=NOON)
    rotated = file_in(folder).stat().st_mode

    assert (made & 0o777, rotated & 0o777) == (0o600, 0o600)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_each_algorithm_has_keys_of_its_own(folder: Path) -> None:
    rings = [GeneratedKeys(folder, algorithm)() for algorithm in JwtAlgorithm]

    assert [ring.current.algorithm for ring in rings] == list(JwtAlgorithm)
    assert [GeneratedKeys(folder, algorithm)() for algorithm in JwtAlgorithm] == rings


def test_processes_that_start_at_once_share_one_key(folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from quayside.adapters.security.generated_keys import GeneratedKeys\n"
        "from quayside.adapters.security.key_ring import JwtAlgorithm\n"
        "sys.stdin.read(); print(GeneratedKeys(Path(sys.argv[1]), JwtAlgorithm.EDDSA)().current.kid)"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None

    kids = {process.communicate()[0].strip() for process in processes}

    assert kids == {GeneratedKeys(folder, EDDSA)().current.kid}


def test_many_who_make_and_rotate_at_once_lose_no_key(folder: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: GeneratedKeys(folder, EDDSA).rotate(at=NOON), range(20)))

    last = GeneratedKeys(folder, EDDSA)()

    assert len(last.previous) == 20
    assert {ring.current.kid for ring in made} <= {key.kid for key in last}
    assert file_in(folder).name == "jwt-eddsa.json"


def test_a_running_process_notices_a_rotation_at_once(folder: Path) -> None:
    running, rotating = GeneratedKeys(folder, EDDSA), GeneratedKeys(folder, EDDSA)
    before = running()

    after = rotating.rotate(at=NOON)

    assert running() == after
    assert after.current.kid != before.current.kid
    assert [key.kid for key in after.previous] == [before.current.kid]


def test_what_did_not_change_is_not_read_again(folder: Path) -> None:
    keys = GeneratedKeys(folder, EDDSA)

    assert keys() is keys()


def test_a_replaced_key_verifies_for_the_overlap(folder: Path) -> None:
    keys = GeneratedKeys(folder, EDDSA, overlap=16 * MINUTE)
    principal = a_principal()
    issued = access_tokens(keys()).issue(principal, "ada@example.com", at=NOON)

    keys.rotate(at=NOON)
    keys.rotate(at=NOON + MINUTE)

    tokens = access_tokens(keys())
    assert tokens.session_of(issued.token, at=NOON + 15 * MINUTE) == principal.session_id
    assert len(tokens.jwks(at=NOON + 15 * MINUTE)["keys"]) == 3
    assert len(tokens.jwks(at=NOON + 16 * MINUTE)["keys"]) == 2
    assert len(tokens.jwks(at=NOON + 17 * MINUTE)["keys"]) == 1


def test_a_rotation_forgets_what_verifies_no_more(folder: Path) -> None:
    keys = GeneratedKeys(folder, EDDSA, overlap=16 * MINUTE)
    keys.rotate(at=NOON)

    ring = keys.rotate(at=NOON + 16 * MINUTE)

    assert len(ring.previous) == 1


def test_a_rotation_forgets_the_private_part_of_the_key_before(folder: Path) -> None:
    keys = GeneratedKeys(folder, EDDSA)
    private = keys().current.jwk["d"]

    keys.rotate(at=NOON)

    assert private not in file_in(folder).read_text("utf-8")


def test_to_remove_the_file_makes_all_keys_void(folder: Path) -> None:
    keys = GeneratedKeys(folder, EDDSA)
    before = keys()

    file_in(folder).unlink()

    assert keys().current.kid != before.current.kid
    assert keys().previous == ()


NO_KEYS = {
    "nothing": "",
    "no object": "[]",
    "no list": "{}",
    "an empty list": '{"keys": []}',
    "no key": '{"keys": ["x"]}',
    "a short key": '{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AAAA", "d": "AAAA"}]}',
    "another algorithm": json.dumps({"keys": [dict(JwtKey.generate(JwtAlgorithm.ES256).jwk)]}),
    "no private key": json.dumps({"keys": [dict(JwtKey.generate(EDDSA).without_private_part().jwk)]}),
    "no time": json.dumps({"keys": [{**JwtKey.generate(EDDSA).jwk, "retires_at": "soon"}]}),
    "no text": "\udcff",
}


@pytest.mark.parametrize("content", NO_KEYS.values(), ids=NO_KEYS.keys())
def test_a_file_that_holds_something_else_is_not_used(folder: Path, content: str) -> None:
    keys = GeneratedKeys(folder, EDDSA)
    keys()
    file_in(folder).write_text(content, "utf-8", "surrogateescape")

    for process in (keys, GeneratedKeys(folder, EDDSA)):
        with pytest.raises(KeyFileError, match=r"jwt-eddsa\.json"):
            process()
        with pytest.raises(KeyFileError, match=r"jwt-eddsa\.json"):
            process.rotate(at=NOON)


def test_a_folder_that_cannot_be_used_is_an_error_of_ours(folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_text("no folder")

    with pytest.raises(KeyFileError, match=r"cannot be used"):
        GeneratedKeys(folder, EDDSA)()
