"""How long the database takes for each statement."""

from collections.abc import Callable
from time import perf_counter
from typing import Any, Self

from .errors import Row, TranslatingCursor
from .queries import NamedQuery

ObserveQuery = Callable[[str, float], None]
"""Told of every statement: its name, ``payments.get``, or ``unnamed``; and the seconds until its answer was there."""


class MeasuredCursor(TranslatingCursor[Row]):
    """
    Args:
        observe: Told of every statement, those that fail included.
    """

    def __init__(self, *connection: Any, observe: ObserveQuery, **options: Any) -> None:
        super().__init__(*connection, **options)
        self._observe = observe

    async def execute(self, *statement: Any, **options: Any) -> Self:
        started_at = perf_counter()
        try:
            return await super().execute(*statement, **options)
        finally:
            query = statement[0]
            name = query.name if isinstance(query, NamedQuery) else "unnamed"
            self._observe(name, perf_counter() - started_at)
