"""Subscriptions in PostgreSQL: their leases, and how far they are."""

from collections.abc import Sequence

from attrs import define

from ...core.eventlog import Lease, LeaseLostError, SubscriptionNotFoundError, SubscriptionState
from .connection import Lend, atomic
from .queries import NamedQuery, named_queries

_SQL = named_queries("subscriptions")


@define(eq=False)
class PostgresSubscriptionRegister:
    """Rows of ``subscription``, for all processes on one database."""

    _lend: Lend

    async def acquire(self, name: str, holder: str, for_s: float) -> Lease | None:
        parameters = {"name": name, "holder": holder, "for_s": for_s}
        async with self._lend() as connection:
            row = await (await connection.execute(_SQL["acquire"], parameters)).fetchone()
        return Lease(name, row["fencing_token"], row["position"]) if row else None

    async def renew(self, lease: Lease, for_s: float) -> None:
        if not await self._change(_SQL["renew"], name=lease.name, token=lease.token, for_s=for_s):
            raise LeaseLostError(lease.name)

    async def release(self, lease: Lease) -> None:
        await self._change(_SQL["release"], name=lease.name, token=lease.token)

    async def states(self) -> Sequence[SubscriptionState]:
        return await self._states(None)

    async def state(self, name: str) -> SubscriptionState:
        for state in await self._states(name):
            return state
        raise SubscriptionNotFoundError(name)

    async def pause(self, name: str) -> None:
        if not await self._change(_SQL["pause"], name=name):
            raise SubscriptionNotFoundError(name)

    async def resume(self, name: str) -> None:
        if not await self._change(_SQL["resume"], name=name):
            raise SubscriptionNotFoundError(name)

    async def reset(self, name: str, position: int) -> None:
        # Whoever runs it is waited for by the first statement, so the second sees what they put off last.
        async with self._lend() as connection, atomic(connection):
            parameters = {"name": name, "position": position}
            if not (await connection.execute(_SQL["reset"], parameters)).rowcount:
                raise SubscriptionNotFoundError(name)
            await connection.execute(_SQL["forget"], {"name": name})

    async def _states(self, name: str | None) -> Sequence[SubscriptionState]:
        async with self._lend() as connection:
            rows = await (await connection.execute(_SQL["states"], {"name": name})).fetchall()
        return [SubscriptionState(**row) for row in rows]

    async def _change(self, query: NamedQuery, **parameters: object) -> int:
        async with self._lend() as connection:
            return (await connection.execute(query, parameters)).rowcount
