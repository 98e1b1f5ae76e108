"""Who calls, and what that one may do."""

from collections.abc import Mapping
from enum import Enum, StrEnum
from uuid import UUID

from attrs import field, frozen

from .errors import PermissionDeniedError
from .ids import UserId


class Permission(StrEnum):
    """Everything that somebody can be allowed to do. Who may is decided in ``core.identity.policy``."""

    PAYMENTS_CREATE = "payments:create"
    PAYMENTS_READ = "payments:read"
    PAYMENTS_CANCEL = "payments:cancel"
    PAYMENTS_READ_ALL = "payments:read_all"
    PAYMENTS_CAPTURE = "payments:capture"
    PAYMENTS_REFUND = "payments:refund"
    PAYMENTS_REPORT = "payments:report"
    PAYMENTS_DELETE = "payments:delete"
    ORDERS_CREATE = "orders:create"
    ORDERS_READ = "orders:read"
    ORDERS_CANCEL = "orders:cancel"
    ORDERS_READ_ALL = "orders:read_all"
    ORDERS_MANAGE = "orders:manage"
    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_WRITE = "customers:write"
    CUSTOMERS_READ_ALL = "customers:read_all"
    CATALOGUE_READ = "catalogue:read"
    CATALOGUE_WRITE = "catalogue:write"
    INVENTORY_READ = "inventory:read"
    INVENTORY_WRITE = "inventory:write"
    USERS_READ_ALL = "users:read_all"
    USERS_WRITE = "users:write"
    ANALYTICS_READ = "analytics:read"
    OPERATIONS_READ = "operations:read"
    OPERATIONS_WRITE = "operations:write"


class Scope(Enum):
    """On what a permission may be used."""

    OWN = "own"
    """On what the caller made."""
    ANY = "any"
    """On everything."""


@frozen
class Principal:
    """
    Who calls.

    Args:
        user_id: The account.
        session_id: The session that the call belongs to.
        roles: Names of the account's roles.
        grants: What it may do, and on what.
    """

    user_id: UserId
    session_id: UUID
    roles: frozenset[str]
    grants: Mapping[Permission, Scope] = field(repr=False)

    def may(self, permission: Permission) -> bool:
        """Whether it may do this on anything at all."""
        return permission in self.grants

    def may_on(self, permission: Permission, owner: UserId | None) -> bool:
        """Whether it may do this on what *owner* made."""
        scope = self.grants.get(permission)
        return scope is Scope.ANY or (scope is Scope.OWN and owner == self.user_id)

    def sees_all(self, permission: Permission) -> bool:
        """Whether it may do this on what others made."""
        return self.grants.get(permission) is Scope.ANY

    def require(self, permission: Permission) -> None:
        """
        Raises:
            PermissionDeniedError: it may not do this on anything.
        """
        if permission not in self.grants:
            raise PermissionDeniedError("You may not do this.", permission=permission)
