"""One payment by its id, with nothing but Litestar, the pool that ours has, too, and a SELECT of the same columns."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from litestar import Litestar, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from quayside.adapters.postgres.queries import named_queries
from quayside.entrypoints.api.payment_models import FailureResponse, PaymentResponse

_GET = named_queries("payments")["get"]


@asynccontextmanager
async def application(database_url: str) -> AsyncIterator[Litestar]:
    """The application, and its pool as long as it is open."""
    options: dict[str, Any] = {"autocommit": True, "row_factory": dict_row}
    async with AsyncConnectionPool(database_url, kwargs=options, min_size=2, max_size=8, open=False) as pool:
        yield Litestar(
            [show_payment],
            path="/api/v1",
            state=State({"pool": pool}),
            openapi_config=None,
            logging_config=None,
        )


@get("/payments/{payment_id:uuid}")
async def show_payment(payment_id: FromPath[UUID], state: State) -> PaymentResponse:
    """Show a payment."""
    async with state.pool.connection() as connection:
        cursor = await connection.execute(_GET, {"id": payment_id})
        row = await cursor.fetchone()
    if row is None:
        raise NotFoundException
    return PaymentResponse(
        id=row["id"],
        status=row["status"],
        amount=_text(row["amount_minor"]),
        currency=row["currency"],
        customer_id=row["customer_id"],
        card_id=row["card_id"],
        card_last4=row["card_last4"],
        card_brand=row["card_brand"],
        description=row["description"],
        metadata=msgspec.Raw(row["metadata"].encode()),
        captured_amount=_text(row["captured_minor"]),
        refunded_amount=_text(row["refunded_minor"]),
        failure=FailureResponse(row["failure_code"], row["failure_message"]) if row["failure_code"] else None,
        needs_attention=row["needs_attention"],
        created_by=row["created_by"],
        created_at=row["created_at"],
        processed_at=row["processed_at"],
        version=row["version"],
    )


def _text(minor: int) -> str:
    return str(Decimal(minor).scaleb(-2))
