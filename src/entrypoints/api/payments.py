"""Routes for payments."""

from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, HeaderParameter, JSONBody, SkipValidation

from ...core.kernel import CustomerId, FieldError, ValidationFailedError
from ...core.payments import PaymentFilter, PaymentId, PaymentQueries, PaymentStatus, ProcessPayment
from .documentation import refusals
from .lists import Cursor, FromDate, PageNumber, PageSize, QueryReading, ToDate, query
from .payment_models import CreatePaymentRequest, PaymentListResponse, PaymentResponse

_TAGS = ["payments"]

# The framework would ask whether what it is given is one, which nobody can tell of a protocol.
Queries = NamedDependency[SkipValidation[PaymentQueries]]

IdempotencyKey = Annotated[str | None, HeaderParameter(name="Idempotency-Key", include_in_schema=False)]


@post(
    "/payments",
    summary="Take a payment",
    response_description="The payment, `Completed`, or `Processing` where it is only held.",
    tags=_TAGS,
    responses={
        202: ResponseSpec(
            PaymentResponse, description="Not known yet; follow it at `Location`.", generate_examples=False
        ),
        **refusals(402, 413, 415, 502),
    },
)
async def create_payment(
    data: JSONBody[CreatePaymentRequest],
    process_payment: NamedDependency[ProcessPayment],
    idempotency_key: IdempotencyKey = None,
) -> Response[PaymentResponse]:
    """
    Take a payment.

    Answers 202 where the gateway's answer is not known: the payment is settled later, and can be followed at its
    `Location`.
    """
    if idempotency_key is not None:
        refused = FieldError("Idempotency-Key", "is not taken yet", "not_allowed")
        raise ValidationFailedError([refused])
    payment = await process_payment(data.to_domain())
    return Response(
        PaymentResponse.of(payment),
        status_code=202 if payment.awaits_gateway or payment.needs_attention else 201,
        headers={"Location": f"/api/v1/payments/{payment.id}"},
    )


@get("/payments/{payment_id:uuid}", summary="Show a payment", tags=_TAGS, responses=refusals(404))
async def show_payment(payment_id: FromPath[UUID], payments: Queries) -> PaymentResponse:
    """Show one payment."""
    return PaymentResponse.of(await payments.get(PaymentId(payment_id)))


@get("/payments", summary="List payments", tags=_TAGS, responses=refusals())
async def list_payments(  # noqa: PLR0913, PLR0917 - a parameter each of the query
    payments: Queries,
    page: PageNumber = None,
    page_size: PageSize = None,
    cursor: Cursor = None,
    status: Annotated[str | None, query("Only those in this state.", enum=list(PaymentStatus))] = None,
    customer_id: Annotated[str | None, query("Only those of this customer.", format="uuid")] = None,
    from_date: FromDate = None,
    to_date: ToDate = None,
) -> PaymentListResponse:
    """List payments, newest first."""
    reading = QueryReading()
    wanted_page = reading.page(page, page_size, cursor)
    customer = reading.uuid("customer_id", customer_id)
    days = reading.days(from_date, to_date)
    wanted = PaymentFilter(
        status=reading.one_of("status", status, PaymentStatus),
        customer_id=CustomerId(customer) if customer else None,
        created=days,
    )
    reading.check()
    return PaymentListResponse.of(await payments.list(wanted, wanted_page), PaymentResponse.of)
