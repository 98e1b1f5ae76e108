"""Taking a payment with FastAPI, SQLAlchemy and asyncpg: the same rows as ours, in as many transactions."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy import JSON, BigInteger, DateTime, FetchedValue, make_url
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from benchmarks.peers.fastapi_sqlalchemy import Payment, session_of

_KEY = AESGCM(AESGCM.generate_key(256))


class Base(DeclarativeBase):
    """Every table that is written to."""

    type_annotation_map = {datetime: DateTime(timezone=True)}  # noqa: RUF012 - as SQLAlchemy wants it


class StreamRow(Base):
    """The version of a payment, which is its lock."""

    __tablename__ = "streams"

    stream_category: Mapped[str] = mapped_column(primary_key=True)
    stream_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)

    # Whoever moves it does so by compare-and-set.
    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}  # noqa: RUF012


class EventRow(Base):
    """What happened to it."""

    __tablename__ = "events"

    global_position: Mapped[int] = mapped_column(BigInteger, primary_key=True, server_default=FetchedValue())
    stream_category: Mapped[str]
    stream_id: Mapped[UUID]
    version: Mapped[int] = mapped_column(BigInteger)
    type: Mapped[str]
    schema_version: Mapped[int]
    event_id: Mapped[UUID]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    occurred_at: Mapped[datetime]
    correlation_id: Mapped[UUID]


class TakenRow(Base):
    """The payment."""

    __tablename__ = "payment"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    status: Mapped[str]
    currency: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    captured_minor: Mapped[int] = mapped_column(BigInteger)
    refunded_minor: Mapped[int] = mapped_column(BigInteger)
    customer_id: Mapped[UUID]
    card_id: Mapped[str]
    card_last4: Mapped[str]
    card_brand: Mapped[str]
    description: Mapped[str | None]
    payment_metadata: Mapped[dict[str, Any]] = mapped_column("metadata", JSON)
    captures_at_once: Mapped[bool]
    authorization_id: Mapped[str | None]
    needs_attention: Mapped[bool]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    awaits_since: Mapped[datetime | None]
    processed_at: Mapped[datetime | None]
    attempts: Mapped[list[Any]] = mapped_column(JSON)


class CardholderRow(Base):
    """Whose card it was paid with."""

    __tablename__ = "payment_cardholder"

    payment_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[bytes]
    address: Mapped[bytes]


class Address(BaseModel):
    """A postal address."""

    model_config = ConfigDict(extra="forbid")

    house_number: Annotated[str, Field(min_length=1)]
    address_line1: Annotated[str, Field(min_length=1)]
    city: Annotated[str, Field(min_length=1)]
    postcode: Annotated[str, Field(pattern=r"^[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$")]


class Card(BaseModel):
    """A card as its holder typed it."""

    model_config = ConfigDict(extra="forbid")

    card_number: Annotated[str, Field(pattern=r"^\d{12,19}$")]
    expiry_month: Annotated[int, Field(ge=1, le=12)]
    expiry_year: Annotated[int, Field(ge=1000, le=9999)]
    cvv: Annotated[str, Field(pattern=r"^\d{3,4}$")]
    cardholder_name: Annotated[str, Field(min_length=1, max_length=100)]

    @field_validator("card_number")
    @classmethod
    def _passes_luhn(cls, number: str) -> str:
        digits = [int(digit) for digit in reversed(number)]
        doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
        if (sum(digits[::2]) + doubled) % 10:
            raise ValueError("not a card number")
        return number


class PaymentRequest(BaseModel):
    """The same request as ours."""

    model_config = ConfigDict(extra="forbid")

    amount: Annotated[Decimal, Field(ge=Decimal("0.01"), le=10_000, decimal_places=2)]
    currency: Annotated[str, Field(pattern=r"^(GBP|USD|EUR)$")]
    card_id: Annotated[str, Field(min_length=1, max_length=50)]
    customer_id: UUID
    description: Annotated[str | None, Field(max_length=500)] = None
    metadata: dict[str, Any] | None = None
    address_details: Address
    paying_card_details: Card


@asynccontextmanager
async def application(database_url: str) -> AsyncIterator[FastAPI]:
    """The application, and its engine as long as it is open."""
    # What asyncpg does not know in a URL for libpq.
    url = make_url(database_url).set(drivername="postgresql+asyncpg").difference_update_query(["options"])
    engine = create_async_engine(url, pool_size=8, max_overflow=0)
    app = FastAPI()
    app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
    app.post("/api/v1/payments", status_code=201)(create_payment)
    yield app
    await engine.dispose()


async def create_payment(
    asked: PaymentRequest, session: Annotated[AsyncSession, Depends(session_of)]
) -> Payment:
    """Take a payment: recorded, held, taken; the gateway answers at once."""
    now, payment_id = datetime.now(UTC), uuid4()
    stream = StreamRow(stream_category="payment", stream_id=payment_id, version=1)
    row = TakenRow(
        id=payment_id,
        version=1,
        status="Pending",
        currency=asked.currency,
        amount_minor=int(asked.amount.scaleb(2)),
        captured_minor=0,
        refunded_minor=0,
        customer_id=asked.customer_id,
        card_id=asked.card_id,
        card_last4=asked.paying_card_details.card_number[-4:],
        card_brand="visa",
        description=asked.description,
        payment_metadata=asked.metadata or {},
        captures_at_once=True,
        needs_attention=False,
        created_at=now,
        awaits_since=now,
        attempts=[_attempt(payment_id, "authorize", asked, now)],
    )
    holder = CardholderRow(
        payment_id=payment_id,
        name=_sealed(asked.paying_card_details.cardholder_name, payment_id),
        address=_sealed(asked.address_details.model_dump_json(), payment_id),
    )
    session.add_all([stream, row, _event(row, "PaymentReceived", now)])
    await session.flush()  # whoever holds the card refers to the payment
    session.add(holder)
    await session.commit()

    row.version += 1
    row.status, row.authorization_id = "Processing", f"auth_{payment_id}"
    row.attempts = [_attempt(payment_id, "capture", asked, now)]
    session.add(_event(row, "PaymentAuthorized", datetime.now(UTC)))
    await _moved(session, stream)

    row.version += 1
    row.status, row.captured_minor = "Completed", row.amount_minor
    row.attempts, row.awaits_since, row.processed_at = [], None, datetime.now(UTC)
    session.add(_event(row, "PaymentCaptured", datetime.now(UTC)))
    await _moved(session, stream)
    return _answer(row)


async def _moved(session: AsyncSession, stream: StreamRow) -> None:
    """Commit, the version of the stream moved by compare-and-set."""
    stream.version += 1
    await session.commit()


def _event(row: TakenRow, kind: str, at: datetime) -> EventRow:
    return EventRow(
        stream_category="payment",
        stream_id=row.id,
        version=row.version,
        type=kind,
        schema_version=1,
        event_id=uuid4(),
        data={
            "payment_id": str(row.id),
            "amount": {"minor": row.amount_minor, "currency": row.currency},
            "at": at.isoformat(),
        },
        occurred_at=at,
        correlation_id=uuid4(),
    )


def _attempt(payment_id: UUID, step: str, asked: PaymentRequest, at: datetime) -> dict[str, Any]:
    amount = {"minor": int(asked.amount.scaleb(2)), "currency": asked.currency}
    return {"key": f"{payment_id}/{step}", "step": step, "amount": amount, "at": at.isoformat()}


def _sealed(text: str, payment_id: UUID) -> bytes:
    nonce = os.urandom(12)
    return nonce + _KEY.encrypt(nonce, text.encode(), json.dumps(str(payment_id)).encode())


def _answer(row: TakenRow) -> Payment:
    return Payment(
        id=row.id,
        status=row.status,
        amount=_text(row.amount_minor),
        currency=row.currency,
        customer_id=row.customer_id,
        card_id=row.card_id,
        card_last4=row.card_last4,
        card_brand=row.card_brand,
        description=row.description,
        metadata=row.payment_metadata,
        captured_amount=_text(row.captured_minor),
        refunded_amount=_text(row.refunded_minor),
        failure=None,
        needs_attention=row.needs_attention,
        created_by=row.created_by,
        created_at=row.created_at,
        processed_at=row.processed_at,
        version=row.version,
    )


def _text(minor: int) -> str:
    return str(Decimal(minor).scaleb(-2))
