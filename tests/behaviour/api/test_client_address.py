"""Where a request is taken to come from."""

from ipaddress import ip_network
from typing import Any

import pytest

from quayside.entrypoints.api.client_address import client_address

BALANCER = "10.0.0.1"
CLIENT = "203.0.113.7"
TRUSTED = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


def a_scope(peer: str | None, *forwarded_for: str) -> dict[str, Any]:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded_for]
    return {"client": peer and (peer, 50_000), "headers": headers}


def address_of(peer: str | None, *forwarded_for: str) -> str:
    return str(client_address(a_scope(peer, *forwarded_for), TRUSTED))


def test_it_is_the_peer_whatever_the_client_writes_of_itself() -> None:
    assert address_of(CLIENT) == CLIENT
    assert address_of(CLIENT, "198.51.100.1") == CLIENT


def test_it_is_what_a_trusted_proxy_saw() -> None:
    assert address_of(BALANCER, CLIENT) == CLIENT


def test_what_stands_left_of_it_the_client_may_have_written() -> None:
    assert address_of(BALANCER, f"198.51.100.1, {CLIENT}") == CLIENT
    assert address_of(BALANCER, "198.51.100.1", CLIENT) == CLIENT


def test_several_trusted_proxies_are_passed_over() -> None:
    assert address_of(BALANCER, f"198.51.100.1,{CLIENT}, 10.1.1.1 , 10.2.2.2") == CLIENT


def test_where_all_are_trusted_it_is_the_first_of_them() -> None:
    assert address_of(BALANCER, "10.3.3.3, 10.2.2.2") == "10.3.3.3"


@pytest.mark.parametrize("nonsense", ["", "unknown", "203.0.113.7:4711", "_hidden", "999.1.1.1"])
def test_behind_an_entry_that_is_no_address_nobody_is_looked_for(nonsense: str) -> None:
    assert address_of(BALANCER, f"{CLIENT}, {nonsense}") == BALANCER
    assert address_of(BALANCER, f"{CLIENT}, {nonsense}, 10.2.2.2") == "10.2.2.2"


def test_a_proxy_that_says_nothing_is_the_client() -> None:
    assert address_of(BALANCER) == BALANCER


def test_an_ipv4_address_in_ipv6_clothes_is_that_ipv4_address() -> None:
    assert address_of(f"::ffff:{BALANCER}", f"::ffff:{CLIENT}") == CLIENT


def test_a_socket_in_the_file_system_has_none() -> None:
    assert client_address(a_scope(None, CLIENT), TRUSTED) is None


def test_the_zone_of_an_address_is_left_out() -> None:
    assert address_of("fe80::1%eth0") == "fe80::1"
