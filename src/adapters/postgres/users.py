"""Accounts in PostgreSQL."""

from collections.abc import Collection, Mapping
from typing import Any

from attrs import frozen

from ...core.eventlog import Event, EventLog, Recorder
from ...core.identity import NameTakenError, Role, User, UserNotFoundError, name_digest
from ...core.kernel import Page, PageRequest, Slice, SliceRequest, UserId
from .connection import Connection, Lend
from .pages import page_of, slice_of
from .queries import named_queries

_SQL = named_queries("users")


@frozen
class PostgresUserRepository:
    """Rows of ``user_account`` and ``name_claim``, on a connection whose transaction the caller owns."""

    _connection: Connection
    _log: EventLog
    _recorder: Recorder

    async def get(self, user_id: UserId) -> User:
        return await _get(self._connection, user_id)

    async def save(self, user: User, *events: Event) -> None:
        # Whoever catches the refusal of a name goes on as if this had not begun.
        async with self._connection.transaction():
            # The append's compare-and-set is the optimistic lock of the row, too.
            version = await self._log.append(user.stream, self._recorder(events), user.version)
            await self._claim_names(user)
            await self._connection.execute(_SQL["save"], _to_row(user) | {"version": version})
        user.version = version

    async def delete(self, user: User, *events: Event) -> None:
        user.version = await self._log.append(user.stream, self._recorder(events), user.version)
        await self._connection.execute(_SQL["delete"], {"id": user.id})
        # A statement of its own, so that it sees the sessions of a login that the deletion waited for.
        await self._connection.execute(_SQL["forget_origins"], {"id": user.id})

    async def lock_admins(self) -> frozenset[UserId]:
        await self._connection.execute(_SQL["queue_for_admins"])
        # A statement of its own, so that it sees what those who were waited for have committed.
        cursor = await self._connection.execute(_SQL["admins"])
        return frozenset(UserId(row["id"]) for row in await cursor.fetchall())

    async def _claim_names(self, user: User) -> None:
        parameters = {
            "user_id": user.id,
            "username": name_digest(user.username),
            "email": name_digest(user.email),
        }
        cursor = await self._connection.execute(_SQL["claim"], parameters)
        taken = {row["kind"] for row in await cursor.fetchall() if row["user_id"] != user.id}
        if taken:
            raise NameTakenError(sorted(taken, reverse=True))  # in the order of the form: the username first


@frozen
class PostgresUserQueries:
    """Rows of ``user_account`` and ``name_claim`` as they are committed."""

    _lend: Lend

    async def get(self, user_id: UserId) -> User:
        async with self._lend() as connection:
            return await _get(connection, user_id)

    async def find_by_login(self, login: str) -> User | None:
        digest = name_digest(login)
        async with self._lend() as connection:
            cursor = await connection.execute(_SQL["find_by_login"], {"digest": digest})
            users = [to_user(row) for row in await cursor.fetchall()]
        # A claim outlives the name it was made for, and only present names count. No username looks like an address.
        present = (user for user in users if digest in (name_digest(user.username), name_digest(user.email)))
        return next(present, None)

    async def list(self, page: PageRequest) -> Page[User]:
        return await page_of(self._lend, _SQL["list"], {}, page, to_user)

    async def list_after(self, place: SliceRequest) -> Slice[User]:
        return await slice_of(self._lend, _SQL["list_after"], {}, place, to_user)

    async def taken(self, *, usernames: Collection[str] = (), emails: Collection[str] = ()) -> frozenset[str]:
        wanted = [
            *(("username", name_digest(name), name) for name in usernames),
            *(("email", name_digest(name), name) for name in emails),
        ]
        parameters = {
            "kinds": [kind for kind, _, _ in wanted],
            "digests": [digest for _, digest, _ in wanted],
        }
        async with self._lend() as connection:
            cursor = await connection.execute(_SQL["taken"], parameters)
            claimed = {(row["kind"], row["digest"]) for row in await cursor.fetchall()}
        return frozenset(name for kind, digest, name in wanted if (kind, digest) in claimed)


def to_user(row: Mapping[str, Any]) -> User:
    """The account in *row*, which may hold more."""
    return User(
        id=UserId(row["id"]),
        version=row["version"],
        username=row["username"],
        email=row["email"],
        email_verified=row["email_verified"],
        password_hash=row["password_hash"],
        roles=frozenset(Role(role) for role in row["roles"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


async def _get(connection: Connection, user_id: UserId) -> User:
    cursor = await connection.execute(_SQL["get"], {"id": user_id})
    row = await cursor.fetchone()
    if row is None:
        raise UserNotFoundError(user_id)
    return to_user(row)


def _to_row(user: User) -> dict[str, object]:
    return {
        "id": user.id,
        "username": user.username,
        "email": user.email,
        "email_verified": user.email_verified,
        "password_hash": user.password_hash,
        "roles": sorted(user.roles),
        "created_at": user.created_at,
        "updated_at": user.updated_at,
    }
