"""Two processes on one database: what one of them does counts on both."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx
import psycopg
import pytest

from builders.members import PASSWORD, V1
from quayside.adapters.security.jwt import JwtVerifier
from quayside.adapters.security.key_ring import JwtAlgorithm
from system.identity.people import ADMIN, ADMIN_PASSWORD, LOGIN, ME, log_in, register
from system.service import Service, Start, until

LIMIT_S = 1.0
ROOM_S = 3.0  # for a busy machine

KEYS = "/.well-known/jwks.json"
USERS = f"{V1}/users"

Nodes = tuple[Service, Service]


@pytest.fixture(scope="module")
def nodes(start: Start) -> Nodes:
    """Services that share everything but their memory."""
    return start(jwt_algorithm="EdDSA"), start(jwt_algorithm="EdDSA")


@pytest.fixture(scope="module")
def admin_token(nodes: Nodes) -> str:
    return str(log_in(nodes[0], ADMIN, ADMIN_PASSWORD)["token"])


def soon(condition: Callable[[], object]) -> None:
    """Within the second that a node may go on by what it knew, *condition* holds, and does not cease to."""
    until(condition, timeout_s=LIMIT_S + ROOM_S)
    assert all(condition() for _ in range(5))


@pytest.mark.parametrize("kind", ["token", "access_token"])
def test_a_logout_counts_here_at_once_and_elsewhere_within_a_second(nodes: Nodes, kind: str) -> None:
    here, elsewhere = nodes
    register(here, f"leaver_{kind}")
    token = log_in(here, f"leaver_{kind}")[kind]
    assert [node.ask("GET", ME, token=token).status_code for node in nodes] == [200, 200]

    assert here.ask("POST", f"{V1}/auth/logout", token=token).status_code == 204

    refusal = here.ask("GET", ME, token=token)
    assert refusal.status_code == 401
    assert refusal.json()["error"]["code"] == "session_expired"
    soon(lambda: elsewhere.ask("GET", ME, token=token).status_code == 401)


@pytest.mark.parametrize("kind", ["token", "access_token"])
def test_a_deletion_counts_here_at_once_and_elsewhere_within_a_second(nodes: Nodes, kind: str) -> None:
    here, elsewhere = nodes
    user = register(here, f"deleted_{kind}")
    token = log_in(here, f"deleted_{kind}")[kind]
    assert [node.ask("GET", ME, token=token).status_code for node in nodes] == [200, 200]

    assert here.ask("DELETE", f"{USERS}/{user['id']}", token=token).status_code == 204

    assert here.ask("GET", ME, token=token).status_code == 401
    soon(lambda: elsewhere.ask("GET", ME, token=token).status_code == 401)
    again = elsewhere.ask("POST", LOGIN, {"username": user["username"], "password": PASSWORD})
    assert again.status_code == 401


@pytest.mark.parametrize("kind", ["token", "access_token"])
def test_roles_given_and_taken_count_here_at_once_and_elsewhere_within_a_second(
    nodes: Nodes, admin_token: str, kind: str
) -> None:
    here, elsewhere = nodes
    user = register(here, f"promoted_{kind}")
    token = log_in(here, f"promoted_{kind}")[kind]
    assert [node.ask("GET", USERS, token=token).status_code for node in nodes] == [403, 403]

    def become(roles: list[str]) -> None:
        answer = here.ask("PUT", f"{USERS}/{user['id']}/roles", {"roles": roles}, token=admin_token)
        assert answer.status_code == 200

    become(["Admin"])
    assert here.ask("GET", USERS, token=token).status_code == 200
    soon(lambda: elsewhere.ask("GET", USERS, token=token).status_code == 200)

    become([])
    assert here.ask("GET", USERS, token=token).status_code == 403
    soon(lambda: elsewhere.ask("GET", USERS, token=token).status_code == 403)


def test_a_changed_password_ends_the_other_sessions_here_at_once_and_elsewhere_within_a_second(
    nodes: Nodes,
) -> None:
    here, elsewhere = nodes
    user = register(here, "changer")
    own, other = (log_in(node, "changer")["token"] for node in nodes)
    assert [node.ask("GET", ME, token=other).status_code for node in nodes] == [200, 200]

    change = {"current_password": PASSWORD, "new_password": "Difference Engine 1822"}
    assert here.ask("POST", f"{USERS}/{user['id']}/password", change, token=own).status_code == 204

    assert here.ask("GET", ME, token=other).status_code == 401
    soon(lambda: elsewhere.ask("GET", ME, token=other).status_code == 401)
    assert [node.ask("GET", ME, token=own).status_code for node in nodes] == [200, 200]


def spelled(name: str, number: int) -> str:
    """*name* in another mixture of cases for each *number*."""
    return "".join(letter.upper() if number >> i & 1 else letter for i, letter in enumerate(name))


def test_of_fifty_registrations_of_one_name_at_once_one_makes_an_account(nodes: Nodes, database: str) -> None:
    def race(number: int) -> httpx.Response:
        wanted = {
            "username": spelled("quayside_racer", number),
            "email": f"racer_{number}@example.com",
            "password": PASSWORD,
        }
        return nodes[number % 2].ask("POST", f"{V1}/auth/register", wanted)

    with ThreadPoolExecutor(50) as racers:
        answers = list(racers.map(race, range(50)))

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 49
    for answer in answers:
        if answer.status_code == 409:
            error = answer.json()["error"]
            assert (error["code"], [field["field"] for field in error["field_errors"]]) == (
                "conflict",
                ["username"],
            )
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "SELECT (SELECT count(*) FROM user_account WHERE lower(username) = 'quayside_racer'),"
            " (SELECT count(*) FROM user_account WHERE email LIKE 'racer%')"
        ).fetchone()
    assert rows == (1, 1)
    # Who came too late has lost nothing: the address is still to be had.
    late = next(i for i, answer in enumerate(answers) if answer.status_code == 409)
    free = nodes[0].ask("GET", f"{V1}/auth/availability?email=racer_{late}@example.com").json()
    assert free["email_available"] is True


def key_id(access_token: str) -> str:
    header = json.loads(urlsafe_b64decode(access_token.split(".", maxsplit=1)[0] + "=="))
    return str(header["kid"])


def test_keys_rotate_beside_running_services_and_no_token_is_lost(nodes: Nodes) -> None:
    register(nodes[0], "holder")
    old = log_in(nodes[0], "holder")["access_token"]

    rotation = nodes[0].command("keys", "rotate-jwt", "--json")

    assert rotation.returncode == 0, rotation.stderr
    new_kid = json.loads(rotation.stdout)["kid"]
    assert new_kid != key_id(old)
    for node in nodes:
        new = log_in(node, "holder")["access_token"]
        document = node.ask("GET", KEYS).json()
        verifier = JwtVerifier.of_jwks(document, JwtAlgorithm.EDDSA, issuer="quayside", audience="quayside")

        assert key_id(new) == new_kid
        assert {key["kid"] for key in document["keys"]} == {key_id(old), new_kid}
        for token in (old, new):
            assert node.ask("GET", ME, token=token).status_code == 200
            verifier.verify(token, at=datetime.now(UTC))
