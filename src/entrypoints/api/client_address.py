"""Where a request comes from. What a client writes into a header counts for nothing; what our own proxies add does."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def client_address(scope: Mapping[str, Any], trusted_proxies: Sequence[Network]) -> Address | None:
    """
    The address of the client.

    That is the peer of the socket, unless it is a trusted proxy: then it is the right-most entry of
    ``X-Forwarded-For`` that is no trusted proxy's. What stands left of that one, the client may have written itself.

    Returns:
        None where the socket has no address, as one in the file system.
    """
    peer = scope.get("client")
    address = _parsed(peer[0]) if peer else None
    if not trusted_proxies:
        return address
    for entry in reversed(_forwarded_for(scope)):
        is_proxy = address is not None and any(address in network for network in trusted_proxies)
        before = _parsed(entry) if is_proxy else None
        if before is None:
            break
        address = before
    return address


def _forwarded_for(scope: Mapping[str, Any]) -> list[str]:
    values = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return [entry.strip() for entry in ",".join(values).split(",")]


@lru_cache
def _parsed(text: str) -> Address | None:
    try:
        address = ip_address(text.partition("%")[0])  # a zone means something on its own host alone
    except ValueError:
        return None
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address
