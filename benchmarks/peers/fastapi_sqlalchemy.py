"""One payment by its id, with FastAPI, SQLAlchemy and asyncpg."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import JSON, make_url
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.requests import Request


class Base(DeclarativeBase):
    """Every table."""


class PaymentRow(Base):
    """The same table as ours."""

    __tablename__ = "payment"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    status: Mapped[str]
    currency: Mapped[str]
    amount_minor: Mapped[int]
    captured_minor: Mapped[int]
    refunded_minor: Mapped[int]
    customer_id: Mapped[UUID]
    card_id: Mapped[str]
    card_last4: Mapped[str]
    card_brand: Mapped[str]
    description: Mapped[str | None]
    payment_metadata: Mapped[dict[str, Any]] = mapped_column("metadata", JSON)
    failure_code: Mapped[str | None]
    failure_message: Mapped[str | None]
    needs_attention: Mapped[bool]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    processed_at: Mapped[datetime | None]


class Failure(BaseModel):
    """Why a payment failed."""

    code: str
    message: str


class Payment(BaseModel):
    """The same answer as ours."""

    id: UUID
    status: str
    amount: str
    currency: str
    customer_id: UUID
    card_id: str
    card_last4: str
    card_brand: str
    description: str | None
    metadata: dict[str, Any]
    captured_amount: str
    refunded_amount: str
    failure: Failure | None
    needs_attention: bool
    created_by: UUID | None
    created_at: datetime
    processed_at: datetime | None
    version: int


@asynccontextmanager
async def application(database_url: str) -> AsyncIterator[FastAPI]:
    """The application, and its engine as long as it is open."""
    # What asyncpg does not know in a URL for libpq.
    url = make_url(database_url).set(drivername="postgresql+asyncpg").difference_update_query(["options"])
    engine = create_async_engine(url, pool_size=8, max_overflow=0)
    app = FastAPI()
    app.state.sessions = async_sessionmaker(engine)
    app.get("/api/v1/payments/{payment_id}")(show_payment)
    yield app
    await engine.dispose()


async def session_of(request: Request) -> AsyncIterator[AsyncSession]:
    """A session for one request."""
    async with request.app.state.sessions() as session:
        yield session


async def show_payment(payment_id: UUID, session: Annotated[AsyncSession, Depends(session_of)]) -> Payment:
    """Show a payment."""
    row = await session.get(PaymentRow, payment_id)
    if row is None:
        raise HTTPException(404)
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
        failure=row.failure_code and Failure(code=row.failure_code, message=row.failure_message),
        needs_attention=row.needs_attention,
        created_by=row.created_by,
        created_at=row.created_at,
        processed_at=row.processed_at,
        version=row.version,
    )


def _text(minor: int) -> str:
    return str(Decimal(minor).scaleb(-2))
