"""Reservations in PostgreSQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import frozen

from ...core.eventlog import Appended, EventCodec, EventEnvelope, Recorder, StreamId
from ...core.inventory import (
    EFFECTS,
    InsufficientStockError,
    Reservation,
    ReservationEvent,
    ReservationId,
    ReservationLine,
    ReservationStatus,
)
from ...core.kernel import ConcurrencyConflictError
from .alone import alone
from .connection import Connection, Lend
from .queries import composed, named_queries

_SQL = named_queries("reservations")
_MAKE = composed("reservations.save", _SQL["levels"], _SQL["made"], _SQL["moved"])
_CHANGE = composed("reservations.save", _SQL["levels"], _SQL["changed"], _SQL["moved"])


@frozen
class PostgresReservationRepository:
    """
    Rows of ``reservation``, and by them those of ``stock_level``, on a connection whose transaction the caller owns.

    Args:
        appended: Told of the streams that have grown.
    """

    _connection: Connection
    _codec: EventCodec
    _recorder: Recorder
    _appended: dict[StreamId, int]

    async def find(self, reservation_id: ReservationId) -> Reservation | None:
        row = await (await self._connection.execute(_SQL["find"], {"id": reservation_id})).fetchone()
        return _to_reservation(row) if row else None

    async def save(self, reservation: Reservation, event: ReservationEvent) -> None:
        (envelope,) = self._recorder([event])
        parameters = {**_row_of(reservation), **_effect_of(event), **self._told(envelope)}
        statement = _CHANGE if reservation.version else _MAKE
        row = await (await self._connection.execute(statement, parameters)).fetchone()
        assert row is not None
        if row["version"] is None:
            await self._require_version(reservation)
            # Else it may look short only because it was changed meanwhile.
            raise InsufficientStockError(
                sorted({line.sku for line in reservation.lines} - {*row["sufficing"]})
            )
        self._appended[reservation.stream] = reservation.version = row["version"]

    async def _require_version(self, reservation: Reservation) -> None:
        stream = {"category": reservation.stream.category, "id": reservation.id}
        row = await (await self._connection.execute(_SQL["version"], stream)).fetchone()
        expected, actual = reservation.version, row["version"] if row else 0
        if actual != expected:
            raise ConcurrencyConflictError(str(reservation.stream), expected=expected, actual=actual)

    def _told(self, envelope: EventEnvelope) -> Mapping[str, object]:
        return {
            "event_id": envelope.id,
            "type": envelope.event.type_name(),
            "schema_version": envelope.event.schema_version,
            "data": self._codec.encode(envelope.event),
            "occurred_at": envelope.occurred_at,
            "correlation_id": envelope.correlation_id,
            "causation_id": envelope.causation_id,
            "user_id": envelope.user_id,
            "traceparent": envelope.traceparent,
        }


@frozen
class PostgresReservations:
    """
    Rows of ``reservation`` as they are committed. A save is one statement, so it needs no other to begin and to commit:
    stock is locked for as long as the server takes, and not for as long as we do.

    Args:
        codec: Turns events into what is stored.
        recorder: Puts events into envelopes.
        tell: Told after each save by which the log has grown.
    """

    _lend: Lend
    _codec: EventCodec
    _recorder: Recorder
    _tell: Appended

    async def find(self, reservation_id: ReservationId) -> Reservation | None:
        async with self._lend() as connection:
            return await self._on(connection, {}).find(reservation_id)

    async def save(self, reservation: Reservation, event: ReservationEvent) -> None:
        appended: dict[StreamId, int] = {}
        await alone(self._lend, lambda connection: self._on(connection, appended).save(reservation, event))
        await self._tell(appended)

    async def due(self, now: datetime, limit: int) -> Sequence[Reservation]:
        async with self._lend() as connection:
            rows = await (await connection.execute(_SQL["due"], {"now": now, "limit": limit})).fetchall()
        return [_to_reservation(row) for row in rows]

    def _on(self, connection: Connection, appended: dict[StreamId, int]) -> PostgresReservationRepository:
        return PostgresReservationRepository(connection, self._codec, self._recorder, appended)


def _row_of(reservation: Reservation) -> Mapping[str, object]:
    return {
        "category": reservation.stream.category,
        "id": reservation.id,
        "expected_version": reservation.version,
        "reference": reservation.reference,
        "warehouse": reservation.warehouse,
        "skus": [line.sku for line in reservation.lines],
        # As text: of numbers the driver makes smallint, integer or bigint, and of each another prepared statement.
        "quantities": f"{{{','.join(str(line.quantity) for line in reservation.lines)}}}",
        "status": reservation.status.value,
        "expires_at": reservation.expires_at,
        "created_at": reservation.created_at,
    }


def _effect_of(event: ReservationEvent) -> Mapping[str, object]:
    effect = EFFECTS[type(event)]
    return {"on_hand": effect.on_hand, "reserved": effect.reserved}


def _to_reservation(row: Mapping[str, Any]) -> Reservation:
    return Reservation(
        id=ReservationId(row["id"]),
        version=row["version"],
        reference=row["reference"],
        warehouse=row["warehouse"],
        lines=tuple(map(ReservationLine, row["skus"], row["quantities"])),
        status=ReservationStatus(row["status"]),
        expires_at=row["expires_at"],
        created_at=row["created_at"],
    )
