"""The event log beside the library eventsourcing, and beside psycopg alone, on a PostgreSQL that flushes commits."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

import psycopg
from attrs import define, field
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from psycopg.conninfo import conninfo_to_dict

from benchmarks.harness import Benchmark, Figures, side_by_side
from benchmarks.log_store import FACTS, Credited, log_in, recorder, server
from quayside.adapters.postgres import PostgresDatabase
from quayside.adapters.postgres.event_log import appending
from quayside.core.eventlog import Decider, EventSourced, StreamId

_ROUNDS = 31
_COMMITS = 160  # a round, by all writers together
_STATEMENT = appending()


_BALANCE: Decider[Credited, Credited, int] = Decider(
    initial=0,
    decide=lambda _, credited: [credited],
    evolve=lambda balance_minor, credited: balance_minor + credited.amount_minor,
)


class Account(Aggregate):
    """The peer's: opened, and money came in."""

    def __init__(self) -> None:
        self.balance_minor = 0

    @event("Credited")
    def credit(self, reference: str, amount_minor: int, currency: str) -> None:  # noqa: ARG002
        self.balance_minor += amount_minor


@define
class Ours:
    """A log to which as many tasks as there are writers append: each append a transaction of its own."""

    run: Callable[[Coroutine[Any, Any, Any]], Any]
    database: PostgresDatabase

    def append(self, writers: int, batch: int) -> float:
        """Events a second."""
        commits = _commits(writers, batch)

        async def write() -> None:
            stream = StreamId("account", uuid4())
            for nth in range(commits):
                events = [Credited(*FACTS) for _ in range(batch)]
                await self.database.events.append(stream, recorder(events), nth * batch)

        async def write_all() -> None:
            await asyncio.gather(*(write() for _ in range(writers)))

        return commits * writers * batch / _seconds(lambda: self.run(write_all()))

    def stored(self, count: int) -> StreamId:
        """A stream of *count* events."""

        async def store() -> StreamId:
            stream = StreamId("account", uuid4())
            async with self.database.begin() as tx:
                await tx.events.append(stream, recorder([Credited(*FACTS)] * count), 0)
            return stream

        stream: StreamId = self.run(store())
        return stream

    def replay(self, stream: StreamId) -> float:
        """Events a second, in a loop that runs already: to start one and to end it takes longer than a query."""
        accounts = EventSourced(stream.category, _BALANCE, recorder)

        async def seconds() -> float:
            start = perf_counter()
            await accounts.load(self.database.events, stream.id)
            return perf_counter() - start

        taken_s: float = self.run(seconds())
        return 1_000 / taken_s


@define
class Peer:
    """An application of the peer's, in as many threads as there are writers."""

    application: Application[UUID]
    threads: ThreadPoolExecutor = field(factory=lambda: ThreadPoolExecutor(32))

    def append(self, writers: int, batch: int) -> float:
        """Events a second."""
        commits = _commits(writers, batch)

        def write(account: Account) -> None:
            for _ in range(commits):
                for _ in range(batch):
                    account.credit(*FACTS)
                self.application.save(account)

        accounts = [Account() for _ in range(writers)]
        self.application.save(*accounts)
        return commits * writers * batch / _seconds(lambda: list(self.threads.map(write, accounts)))

    def stored(self, count: int) -> UUID:
        """An account of *count* events."""
        account = Account()
        for _ in range(count - 1):
            account.credit(*FACTS)
        self.application.save(account)
        account_id: UUID = account.id
        return account_id

    def replay(self, account_id: UUID) -> float:
        """Events a second."""
        return 1_000 / _seconds(lambda: self.application.repository.get(account_id))


def _commits(writers: int, batch: int) -> int:
    """How many each writer makes in a round."""
    return _COMMITS // writers if batch == 1 else _COMMITS // 10


def _seconds(action: Callable[[], object]) -> float:
    start = perf_counter()
    action()
    return perf_counter() - start


@contextmanager
def _candidates(connections: int) -> Iterator[tuple[Ours, Peer, str]]:
    with asyncio.Runner() as runner, server(runner) as url:
        database = log_in(url, connections=connections)
        runner.run(database.__aenter__())
        peer = Peer(_application(url, connections))
        yield Ours(runner.run, database), peer, url
        peer.threads.shutdown()
        peer.application.close()
        runner.run(database.__aexit__(None, None, None))


def _application(url: str, connections: int) -> Application[UUID]:
    server = conninfo_to_dict(url)
    settings = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": server["dbname"],
        "POSTGRES_HOST": server["host"],
        "POSTGRES_PORT": server.get("port", "5432"),
        "POSTGRES_USER": server["user"],
        "POSTGRES_PASSWORD": "",
        "POSTGRES_POOL_SIZE": str(connections),
    }
    return Application[UUID](env={name: str(value) for name, value in settings.items()})


@define
class Raw:
    """The statement of an append to ``database.events`` sent by psycopg alone; its event is always the same."""

    run: Callable[[Coroutine[Any, Any, Any]], Any]
    connection: psycopg.AsyncConnection
    event: str

    def append(self) -> float:
        """Events a second."""

        async def write() -> None:
            parameters = {
                "category": "account",
                "id": uuid4(),
                "count": 1,
                "events": self.event,
                "occurred_at": datetime.now(UTC),
                "correlation_id": uuid4(),
                **dict.fromkeys(("causation_id", "user_id", "traceparent")),
            }
            for nth in range(_COMMITS):
                cursor = await self.connection.execute(_STATEMENT, {**parameters, "expected_version": nth})
                assert await cursor.fetchone() is not None

        return _COMMITS / _seconds(lambda: self.run(write()))


def _append(writers: int, batch: int) -> Figures:
    with _candidates(max(2, writers)) as (ours, peer, _):
        return side_by_side(
            partial(ours.append, writers, batch), partial(peer.append, writers, batch), rounds=_ROUNDS
        )


def _replay() -> Figures:
    with _candidates(2) as (ours, peer, _):
        stream, account = ours.stored(1_000), peer.stored(1_000)
        return side_by_side(partial(ours.replay, stream), partial(peer.replay, account), rounds=51)


def _beside_psycopg() -> Figures:
    data = json.dumps(dict(zip(("reference", "amount_minor", "currency"), FACTS, strict=True)))
    line = f"{uuid4().hex}\tCredited\t1\t{data}"
    with _candidates(2) as (ours, _, url):
        connection = ours.run(psycopg.AsyncConnection.connect(url, autocommit=True))
        raw = Raw(ours.run, connection, line)
        figures = side_by_side(partial(ours.append, 1, 1), raw.append, rounds=_ROUNDS)
        ours.run(connection.close())
        return figures


def _rate(name: str, goal: float, measure: Callable[[], Figures]) -> Benchmark:
    return Benchmark(name=f"log.{name}", unit="1/s", goal=goal, measure=measure, better="higher")


BENCHMARKS = (
    _rate("append_1.writers_1.vs_eventsourcing", 1.8, partial(_append, 1, 1)),
    _rate("append_1.writers_8.vs_eventsourcing", 2, partial(_append, 8, 1)),
    _rate("append_1.writers_32.vs_eventsourcing", 3, partial(_append, 32, 1)),
    _rate("append_100.vs_eventsourcing", 3, partial(_append, 1, 100)),
    _rate("replay_1000.vs_eventsourcing", 8, _replay),
    _rate("append_1.vs_raw_psycopg", 0.8, _beside_psycopg),
)
