"""Who may do what: the table of permissions, as data."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from ..kernel import Permission, Scope

_OWN = Scope.OWN
_ANY = Scope.ANY


class Role(StrEnum):
    """What an account is to the business. Every account is a `USER`, always."""

    USER = "User"
    STAFF = "Staff"
    ADMIN = "Admin"


_USER: Mapping[Permission, Scope] = {
    Permission.PAYMENTS_CREATE: _OWN,
    Permission.PAYMENTS_READ: _OWN,
    Permission.PAYMENTS_CANCEL: _OWN,
    Permission.ORDERS_CREATE: _OWN,
    Permission.ORDERS_READ: _OWN,
    Permission.ORDERS_CANCEL: _OWN,
    Permission.CUSTOMERS_READ: _OWN,
    Permission.CUSTOMERS_WRITE: _OWN,
    Permission.CATALOGUE_READ: _OWN,
}

_STAFF: Mapping[Permission, Scope] = dict.fromkeys(_USER, _ANY) | dict.fromkeys(
    (
        Permission.PAYMENTS_READ_ALL,
        Permission.PAYMENTS_CAPTURE,
        Permission.PAYMENTS_REFUND,
        Permission.PAYMENTS_REPORT,
        Permission.ORDERS_READ_ALL,
        Permission.ORDERS_MANAGE,
        Permission.CUSTOMERS_READ_ALL,
        Permission.CATALOGUE_WRITE,
        Permission.INVENTORY_READ,
        Permission.INVENTORY_WRITE,
    ),
    _ANY,
)

_ADMIN: Mapping[Permission, Scope] = dict.fromkeys(Permission, _ANY)

POLICY: Mapping[Role, Mapping[Permission, Scope]] = {
    Role.USER: _USER,
    Role.STAFF: _STAFF,
    Role.ADMIN: _ADMIN,
}
"""What each role may do, and on what."""


def grants_of(roles: Iterable[Role]) -> Mapping[Permission, Scope]:
    """What all *roles* together may do; the wider scope counts."""
    grants: dict[Permission, Scope] = {}
    for role in roles:
        for permission, scope in POLICY[role].items():
            if grants.get(permission) is not _ANY:
                grants[permission] = scope
    return grants
