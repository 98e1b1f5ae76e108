"""Accounts: who may see and change them, what they may do, and how they go."""

from collections.abc import Callable, Collection
from typing import overload

from attrs import frozen

from ...kernel import (
    ANY_VERSION,
    Clock,
    ExpectedVersion,
    Page,
    PageRequest,
    Permission,
    Principal,
    Slice,
    SliceRequest,
    UserId,
)
from ..entities import User
from ..errors import LastAdminError, UserNotFoundError
from ..events import AccessDenied, SessionEnd
from ..policy import Role
from ..ports import Begin, UserQueries
from ..principals import PrincipalCache
from ..rules import ROLES
from ..tokens import TokenPurpose
from .sessions import end_sessions


def may_see(principal: Principal, user_id: UserId) -> bool:
    """Whether the caller may know about the account: everybody about their own."""
    return principal.user_id == user_id or principal.sees_all(Permission.USERS_READ_ALL)


def require_may_change(principal: Principal, user_id: UserId) -> None:
    """
    Raises:
        UserNotFoundError: the caller may not even see the account.
        PermissionDeniedError: the caller sees it, but may not change it.
    """
    if not may_see(principal, user_id):
        raise UserNotFoundError(user_id, hidden=True)
    if principal.user_id != user_id:
        principal.require(Permission.USERS_WRITE)


@frozen
class FindUser:
    """Show an account to who may see it."""

    users: UserQueries

    async def __call__(self, principal: Principal, user_id: UserId) -> User:
        """
        Raises:
            UserNotFoundError: there is none, or the caller may not see it.
        """
        if not may_see(principal, user_id):
            raise UserNotFoundError(user_id, hidden=True)
        return await self.users.get(user_id)


@frozen
class ListUsers:
    """Show all accounts to who may see all."""

    users: UserQueries

    @overload
    async def __call__(self, principal: Principal, which: PageRequest) -> Page[User]: ...

    @overload
    async def __call__(self, principal: Principal, which: SliceRequest) -> Slice[User]: ...

    async def __call__(
        self, principal: Principal, which: PageRequest | SliceRequest
    ) -> Page[User] | Slice[User]:
        """
        Raises:
            PermissionDeniedError: the caller may see only their own.
        """
        principal.require(Permission.USERS_READ_ALL)
        if isinstance(which, SliceRequest):
            return await self.users.list_after(which)
        return await self.users.list(which)


@frozen
class SetRoles:
    """Decide what an account is to the business; it counts from the next request on."""

    begin: Begin
    principals: PrincipalCache
    clock: Clock

    async def __call__(
        self, user_id: UserId, roles: Collection[str], *, expected: ExpectedVersion = ANY_VERSION
    ) -> User:
        """
        Args:
            roles: All of them; `Role.USER` stays without being named.
            expected: In which version the caller knows the account.

        Raises:
            ValidationFailedError: one is no role.
            UserNotFoundError.
            LastAdminError: nobody would be Admin then.
            StalePreconditionError: the account has another version.
        """
        ROLES.check({"roles": list(roles)})
        wanted = frozenset(map(Role, roles))
        with expected.through_races():
            return await self._decide(user_id, lambda _: wanted, expected)

    async def change(
        self, user_id: UserId, *, add: Collection[Role] = (), remove: Collection[Role] = ()
    ) -> User:
        """
        Leave all other roles as they are, even if somebody else changes them at the same time.

        Raises:
            UserNotFoundError.
            LastAdminError: nobody would be Admin then.
        """
        return await self._decide(user_id, lambda present: present.union(add).difference(remove), ANY_VERSION)

    async def _decide(
        self,
        user_id: UserId,
        decide: Callable[[frozenset[Role]], frozenset[Role]],
        expected: ExpectedVersion,
    ) -> User:
        async with self.begin() as tx:
            admins = await tx.users.lock_admins()
            user = await tx.users.get(user_id)
            wanted = decide(user.roles)
            if admins == {user_id} and Role.ADMIN not in wanted:
                raise LastAdminError
            expected.require(user.version)
            await tx.users.save(user, user.take_roles(wanted, at=self.clock()))
        self.principals.forget_user(user_id)
        return user


@frozen
class DeleteUser:
    """Erase an account; its history keeps the id, and nobody else gets its names."""

    begin: Begin
    principals: PrincipalCache
    clock: Clock

    async def __call__(
        self, principal: Principal, user_id: UserId, *, expected: ExpectedVersion = ANY_VERSION
    ) -> None:
        """
        Args:
            expected: In which version the caller knows the account.

        Raises:
            UserNotFoundError: there is none, or the caller may not see it.
            PermissionDeniedError: the caller sees it, but may not delete it.
            LastAdminError: nobody would be Admin then.
            StalePreconditionError: the account has another version.
        """
        require_may_change(principal, user_id)
        now = self.clock()
        with expected.through_races():
            async with self.begin() as tx:
                if await tx.users.lock_admins() == {user_id}:
                    raise LastAdminError
                user = await tx.users.get(user_id)
                expected.require(user.version)
                # Whoever else is about to change it, or to log in, waits or fails from here on.
                await tx.users.save(user)
                await end_sessions(tx, user_id, SessionEnd.USER_DELETED, at=now)
                for purpose in TokenPurpose:
                    await tx.one_time_tokens.discard_of(user_id, purpose)
                await tx.users.delete(user, user.delete(at=now))
        self.principals.forget_user(user_id)


@frozen
class RecordDenial:
    """Keep in the audit trail that somebody asked for what they may not do."""

    begin: Begin
    clock: Clock

    async def __call__(
        self, principal: Principal, operation: str, permission: Permission | None = None
    ) -> None:
        """
        Args:
            operation: What was asked for, by the name that the API gives it.
            permission: What the caller lacks; None where it is not its roles that stand in the way.
        """
        denied = AccessDenied(principal.user_id, operation, permission, self.clock())
        async with self.begin() as tx:
            await tx.audit.record(principal.user_id, denied)
