"""
A worker that fulfils orders, and halts at one point: ``order_workers.py POINT``; its settings are in the environment.

A point is ``before:EVENT`` or ``after:EVENT``, at the commit of that event; or ``call:USE_CASE``, between what was done
and the record of it. There it says "halted" and stops, as by SIGSTOP, until it is killed, or goes on long after others
did.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from attrs import evolve, fields

from builders.events import OpenRecorder
from builders.shop import an_application
from quayside.core.eventlog import Event, EventEnvelope
from quayside.entrypoints.composition import Application, worker_of
from quayside.entrypoints.composition.fulfilment import fulfilment_of
from quayside.entrypoints.composition.surroundings import Surroundings
from quayside.entrypoints.settings import load_settings

LEASE_S = 1.0


class Halting:
    """Halts once, at *point*."""

    def __init__(self, point: str) -> None:
        self.point = point
        self.recorded: set[str] = set()

    def at(self, point: str) -> None:
        if point == self.point:
            self.point = ""
            sys.stdout.write("halted\n")
            sys.stdout.flush()
            os.kill(os.getpid(), signal.SIGSTOP)

    def record(self, events: Iterable[Event]) -> None:
        self.recorded |= {event.type_name() for event in events}

    @asynccontextmanager
    async def begin(self, begin: Any) -> AsyncIterator[Any]:
        self.recorded = set()  # one saga at a time is all there is here
        async with begin() as tx:
            yield tx
            recorded = self.recorded
            for name in recorded:
                self.at(f"before:{name}")
        for name in recorded:
            self.at(f"after:{name}")


class HaltingRecorder(OpenRecorder):
    """Tells of what it records."""

    halting: Halting

    def __call__(self, events: Iterable[Event]) -> tuple[EventEnvelope, ...]:
        envelopes = super().__call__(events)
        self.halting.record(envelope.event for envelope in envelopes)
        return envelopes


def halting_calls(use_cases: Any, halting: Halting) -> Any:
    """*use_cases*, each of which halts after what it has done."""

    def halting_call(name: str, use_case: Any) -> Any:
        async def call(*arguments: Any, **named: Any) -> Any:
            done = await use_case(*arguments, **named)
            halting.at(f"call:{name}")
            return done

        return call

    names = [attribute.name for attribute in fields(type(use_cases))]
    return evolve(use_cases, **{name: halting_call(name, getattr(use_cases, name)) for name in names})


def halting_at(point: str, application: Application) -> Application:
    """*application*, whose orders are fulfilled as far as *point*."""
    halting = Halting(point)
    HaltingRecorder.halting = halting
    storage = evolve(application.storage, begin=partial(halting.begin, application.storage.begin))
    surroundings = Surroundings(application.clock, application.new_id, os.urandom, lambda: 0.0)
    fulfilment = fulfilment_of(
        storage,
        halting_calls(application.payments, halting),
        halting_calls(application.inventory, halting),
        surroundings,
    )
    return evolve(application, fulfilment=fulfilment)


async def work(point: str) -> None:
    async with an_application(load_settings().settings) as application:
        await evolve(worker_of(halting_at(point, application)), lease_s=LEASE_S).run()


if __name__ == "__main__":
    Surroundings.recorder = property(  # type: ignore[assignment, method-assign]
        lambda self: HaltingRecorder(self.clock, self.new_id)
    )
    asyncio.run(work(sys.argv[1]))
