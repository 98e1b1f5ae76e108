"""What is known of who calls."""

from quayside.core.identity import Device


def test_an_ipv6_client_is_counted_with_all_addresses_it_can_take() -> None:
    assert Device("2001:db8:1:2::1").site == Device("2001:db8:1:2:ffff::9").site
    assert Device("2001:db8:1:2::1").site != Device("2001:db8:1:3::1").site


def test_an_ipv4_client_is_counted_alone() -> None:
    assert Device("192.0.2.1").site != Device("192.0.2.2").site


def test_a_caller_without_an_address_has_no_site() -> None:
    assert Device().site is None
