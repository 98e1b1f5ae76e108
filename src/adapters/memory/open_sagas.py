"""Which sagas are open, in memory."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from attrs import frozen

from ...core.fulfilment import OPEN_SAGAS, OpenSaga, SagaBacklog, SagaKey
from .generations import Generations, forget
from .rows import Rows

OpenSagaKey = tuple[int, SagaKey]
"""The generation's number and the saga's key."""


@frozen
class MemoryOpenSagas:
    """The rows of one transaction."""

    _rows: Rows[OpenSagaKey, OpenSaga]

    async def load(self, generation: int, keys: Collection[SagaKey]) -> Sequence[OpenSaga]:
        return [self._rows[generation, key] for key in keys if (generation, key) in self._rows]

    async def store(self, generation: int, sagas: Mapping[SagaKey, OpenSaga | None]) -> None:
        for key, saga in sagas.items():
            if saga is None:
                self._rows.pop((generation, key), None)
            else:
                self._rows[generation, key] = saga

    async def forget(self, generation: int) -> int:
        return forget(self._rows, generation)


@frozen
class MemoryOpenSagaQueries:
    """The committed sagas of the live generation."""

    _committed: Mapping[OpenSagaKey, OpenSaga]
    _generations: Generations

    async def due(self, at: datetime, limit: int) -> Sequence[OpenSaga]:
        due = [(saga.due_at, saga.id, saga) for saga in self._live() if saga.due_at and saga.due_at <= at]
        return [saga for *_, saga in sorted(due)[:limit]]

    async def list(self, *, needs_attention: bool | None = None, limit: int = 100) -> Sequence[OpenSaga]:
        wanted = [saga for saga in self._live() if needs_attention in (None, saga.attention is not None)]
        return sorted(wanted, key=lambda saga: (saga.since, saga.id))[:limit]

    async def backlog(self) -> Sequence[SagaBacklog]:
        backlog = []
        for (category, _, step), group in groupby(sorted(self._live(), key=_place), key=_place):
            sagas = [*group]
            backlog.append(
                SagaBacklog(
                    category=category,
                    phase=sagas[0].phase,
                    step=step or None,
                    count=len(sagas),
                    since=min(saga.since for saga in sagas),
                    attention=sum(saga.attention is not None for saga in sagas),
                )
            )
        return backlog

    def _live(self) -> Sequence[OpenSaga]:
        live = self._generations.live(OPEN_SAGAS).number
        return [saga for (number, _), saga in self._committed.items() if number == live]


def _place(saga: OpenSaga) -> tuple[str, str, str]:
    return saga.category, saga.phase.value, saga.step or ""
