"""Where a call comes from."""

from ipaddress import IPv6Network, ip_address
from typing import Final

from attrs import field, frozen

_USER_AGENT_LENGTH: Final = 256
_IPV6_SITE_BITS: Final = 64  # what one customer of a provider has to itself


def _shortened(name: str | None) -> str | None:
    return name and name[:_USER_AGENT_LENGTH]


@frozen
class Device:
    """
    What is known of who calls, before it is known who it is.

    Args:
        ip_address: None where there is none, as on a socket of the machine's own.
        user_agent: What the client calls itself; only so much of it is kept.
    """

    ip_address: str | None = field(default=None, repr=False)
    user_agent: str | None = field(default=None, repr=False, converter=_shortened)

    @property
    def site(self) -> str | None:
        """
        What is counted as one client: an IPv4 address, or the /64 in which a client has its pick of IPv6 addresses.
        """
        if self.ip_address is None or ip_address(self.ip_address).version == 4:
            return self.ip_address
        return str(IPv6Network((self.ip_address, _IPV6_SITE_BITS), strict=False))


UNKNOWN_DEVICE: Final = Device()
"""Of a caller who came over no network."""
