"""Payments in PostgreSQL."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from attrs import define, field, frozen

from ...core.eventlog import Appended, Event, EventCodec, Recorder, StreamId
from ...core.kernel import CustomerId, FieldCipher, Money, Page, PageRequest, Slice, SliceRequest, UserId
from ...core.payments import (
    Attempt,
    CardBrand,
    Cardholder,
    OpenPayment,
    Payment,
    PaymentBacklog,
    PaymentFailure,
    PaymentFilter,
    PaymentId,
    PaymentNotFoundError,
    PaymentStatus,
    PaymentTotal,
)
from .alone import alone
from .cardholders import ADD_CARDHOLDER, sealed_holder
from .connection import Connection, Lend
from .event_log import PostgresEventLog
from .journal import Booking
from .pages import page_of, slice_of
from .queries import named_queries
from .together import Row, Together

_SQL = named_queries("payments")
_ADD = Booking.of(_SQL["add"])
_ADD_WITH_HOLDER = Booking.of(_SQL["add"], ADD_CARDHOLDER)
_CHANGE = Booking.of(_SQL["change"])
# Numbers of a caller's metadata are kept digit for digit.
_METADATA_OUT = msgspec.json.Encoder(decimal_format="number")
_METADATA_IN = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
_BEFORE_ALL = OpenPayment(datetime.min.replace(tzinfo=UTC), PaymentId(UUID(int=0)))
_ATTEMPTS_IN = msgspec.json.Decoder(tuple[Attempt, ...])


@frozen
class PostgresPaymentRepository:
    """Rows of ``payment``, on a connection whose transaction the caller owns."""

    _connection: Connection
    _log: PostgresEventLog
    _recorder: Recorder
    _cipher: FieldCipher

    async def get(self, payment_id: PaymentId) -> Payment:
        return await _get(self._connection, payment_id)

    async def save(self, payment: Payment, *events: Event, holder: Cardholder | None = None) -> None:
        envelopes = self._recorder(events)
        if payment.version:
            rows = _CHANGE.rows(_what_changes(payment), envelopes)
        elif holder:
            sealed = sealed_holder(self._cipher, payment.id, holder)
            rows = _ADD_WITH_HOLDER.rows({**_to_row(payment), **sealed}, envelopes)
        else:
            rows = _ADD.rows(_to_row(payment), envelopes)
        # The append's compare-and-set is the optimistic lock of the row, too.
        payment.version = await self._log.append(payment.stream, envelopes, payment.version, rows)


@frozen
class PostgresCommittedPayments:
    """
    Rows of ``payment`` as they are committed. A save is one statement, so it needs no other to begin and to commit.

    Args:
        codec: Turns events into what is stored and back.
        recorder: Puts events into envelopes.
        cipher: Encrypts what is personal.
        tell: Told after each save.
    """

    _lend: Lend
    _codec: EventCodec
    _recorder: Recorder
    _cipher: FieldCipher
    _tell: Appended

    async def get(self, payment_id: PaymentId) -> Payment:
        async with self._lend() as connection:
            return await _get(connection, payment_id)

    async def save(self, payment: Payment, *events: Event, holder: Cardholder | None = None) -> None:
        assert events  # what else there is to be saved would not be one statement

        async def write(connection: Connection) -> Mapping[StreamId, int]:
            log = PostgresEventLog(connection, self._codec)
            payments = PostgresPaymentRepository(connection, log, self._recorder, self._cipher)
            await payments.save(payment, *events, holder=holder)
            return log.appended

        await self._tell(await alone(self._lend, write))


@define(eq=False)
class PostgresPaymentQueries:
    """Rows of ``payment`` as they are committed."""

    _lend: Lend
    _together: Together[PaymentId] = field(init=False)

    @_together.default
    def _those_of_ids(self) -> Together[PaymentId]:
        return Together(self._of_ids)

    async def get(self, payment_id: PaymentId) -> Payment:
        return _found(payment_id, await self._together.find(payment_id))

    async def list(self, wanted: PaymentFilter, page: PageRequest) -> Page[Payment]:
        return await page_of(self._lend, _SQL["list"], _narrowing(wanted), page, _to_payment)

    async def list_after(self, wanted: PaymentFilter, place: SliceRequest) -> Slice[Payment]:
        return await slice_of(self._lend, _SQL["list_after"], _narrowing(wanted), place, _to_payment)

    async def totals(self, wanted: PaymentFilter) -> Sequence[Money]:
        async with self._lend() as connection:
            cursor = await connection.execute(_SQL["totals"], _narrowing(wanted))
            return [Money.from_minor(row["minor"], row["currency"]) for row in await cursor.fetchall()]

    async def totals_by_status(self, wanted: PaymentFilter) -> Sequence[PaymentTotal]:
        async with self._lend() as connection:
            cursor = await connection.execute(
                _SQL["totals_by_status"], _narrowing(wanted) | {"statuses": list(PaymentStatus)}
            )
            return [_to_total(row) for row in await cursor.fetchall()]

    async def backlog(self) -> PaymentBacklog:
        async with self._lend() as connection:
            cursor = await connection.execute(_SQL["backlog"])
            (row,) = await cursor.fetchall()
            return PaymentBacklog(row["unsettled"], row["since"], row["flagged"])

    async def open_since(
        self, before: datetime, limit: int, *, after: OpenPayment | None = None
    ) -> Sequence[OpenPayment]:
        after = after or _BEFORE_ALL
        place = {"before": before, "after_since": after.since, "after_id": after.id, "limit": limit}
        async with self._lend() as connection:
            cursor = await connection.execute(_SQL["open_since"], place)
            return [OpenPayment(row["awaits_since"], PaymentId(row["id"])) for row in await cursor.fetchall()]

    async def _of_ids(self, ids: Sequence[PaymentId]) -> Mapping[PaymentId, Row]:
        async with self._lend() as connection:
            cursor = await connection.execute(_SQL["of_ids"], {"ids": ids})
            return {row["id"]: row for row in await cursor.fetchall()}


async def _get(connection: Connection, payment_id: PaymentId) -> Payment:
    cursor = await connection.execute(_SQL["get"], {"id": payment_id})
    return _found(payment_id, await cursor.fetchone())


def _found(payment_id: PaymentId, row: Row | None) -> Payment:
    if row is None:
        raise PaymentNotFoundError(payment_id)
    return _to_payment(row)


def _to_total(row: Mapping[str, Any]) -> PaymentTotal:
    def money(column: str) -> Money:
        return Money.from_minor(row[column], row["currency"])

    return PaymentTotal(
        PaymentStatus(row["status"]),
        row["count"],
        money("amount_minor"),
        money("captured_minor"),
        money("refunded_minor"),
    )


def _narrowing(wanted: PaymentFilter) -> dict[str, object]:
    return {
        "status": wanted.status,
        "customer_id": wanted.customer_id,
        "customer_ids": None if wanted.customer_ids is None else list(wanted.customer_ids),
        "created_by": wanted.created_by,
        "card_last4": wanted.card_last4,
        "needs_attention": wanted.needs_attention,
        "created_from": wanted.created.start if wanted.created else None,
        "created_before": wanted.created.end if wanted.created else None,
    }


def _to_row(payment: Payment) -> Mapping[str, object]:
    return {
        "currency": payment.amount.currency,
        "amount_minor": payment.amount.minor,
        "customer_id": payment.customer_id,
        "card_id": payment.card_id,
        "card_last4": payment.card_last4,
        "card_brand": payment.card_brand.value,
        "description": payment.description,
        "metadata": _METADATA_OUT.encode(payment.metadata).decode(),
        "captures_at_once": payment.captures_at_once,
        "created_by": payment.created_by,
        "created_at": payment.created_at,
        **_what_changes(payment),
    }


def _what_changes(payment: Payment) -> Mapping[str, object]:
    failure, refusal = payment.failure, payment.refusal
    return {
        "id": payment.id,
        "status": payment.status.value,
        "captured_minor": payment.captured.minor,
        "refunded_minor": payment.refunded.minor,
        "authorization_id": payment.authorization_id,
        "failure_code": failure.code if failure else None,
        "failure_message": failure.message if failure else None,
        "needs_attention": payment.needs_attention,
        "awaits_since": payment.awaits_since,
        "processed_at": payment.processed_at,
        "attempts": msgspec.json.encode(payment.attempts).decode(),
        "refusal_code": refusal.code if refusal else None,
        "refusal_message": refusal.message if refusal else None,
        "ended_by": payment.ended_by,
        "deleted_at": payment.deleted_at,
    }


def _to_payment(row: Mapping[str, Any]) -> Payment:
    def money(column: str) -> Money:
        return Money.from_minor(row[column], row["currency"])

    def failure(column: str) -> PaymentFailure | None:
        code = row[f"{column}_code"]
        return None if code is None else PaymentFailure(code, row[f"{column}_message"])

    return Payment(
        id=PaymentId(row["id"]),
        version=row["version"],
        status=PaymentStatus(row["status"]),
        amount=money("amount_minor"),
        captured=money("captured_minor"),
        refunded=money("refunded_minor"),
        customer_id=CustomerId(row["customer_id"]),
        card_id=row["card_id"],
        card_last4=row["card_last4"],
        card_brand=CardBrand(row["card_brand"]),
        description=row["description"],
        metadata=_METADATA_IN.decode(row["metadata"]),
        captures_at_once=row["captures_at_once"],
        authorization_id=row["authorization_id"],
        failure=failure("failure"),
        needs_attention=row["needs_attention"],
        created_by=None if row["created_by"] is None else UserId(row["created_by"]),
        created_at=row["created_at"],
        processed_at=row["processed_at"],
        attempts=_ATTEMPTS_IN.decode(row["attempts"]),
        refusal=failure("refusal"),
        ended_by=row["ended_by"],
        deleted_at=row["deleted_at"],
    )
