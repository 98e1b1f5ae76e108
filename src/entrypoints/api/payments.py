"""Routes for payments."""

from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import FromPath, JSONBody

from ...core.kernel import CustomerId, Permission
from ...core.kernel.validation import email
from ...core.payments import (
    PaymentFilter,
    PaymentId,
    PaymentSearch,
    PaymentStatus,
)
from .access import allowed_to
from .answer_headers import LOCATION
from .answer_models import Shown
from .documentation import refusals
from .payment_models import CreatePaymentRequest, PaymentListResponse, PaymentResponse, answer_of
from .queries import Cursor, FromDate, PageNumber, PageSize, QueryReading, ToDate, query
from .refund_models import TotalResponse, TotalsResponse
from .requests import ApiRequest
from .resources import ApiResponse

_TAGS = ["payments"]


@post(
    "/payments",
    access=allowed_to(Permission.PAYMENTS_CREATE),
    idempotent=True,
    summary="Take a payment",
    response_headers=[LOCATION],
    response_description="The payment, `Completed`, or `Processing` where it is only held.",
    tags=_TAGS,
    responses={
        202: ResponseSpec(
            PaymentResponse,
            description="Not known yet; follow it at `Location`.",
            examples=[Example(value=Shown.of(PaymentResponse.example_of_pending()))],
        ),
        **refusals(402, 413, 415, 502),
    },
)
async def create_payment(
    data: JSONBody[CreatePaymentRequest], request: ApiRequest, operation_id: NamedDependency[UUID]
) -> ApiResponse[PaymentResponse]:
    """
    Take a payment.

    Answers 202 where the gateway's answer is not known: the payment is settled later, and can be followed at its
    `Location`.
    """
    payment_id = PaymentId(operation_id)
    request.scope["state"]["payment_id"] = payment_id  # for the answer, should this fail or take too long
    payment = await request.application.payments.process_payment(
        data.to_domain(), payment_id=payment_id, created_by=request.principal.user_id
    )
    return answer_of(payment, done=201)


@get(
    "/payments/{payment_id:uuid}",
    access=allowed_to(Permission.PAYMENTS_READ),
    summary="Show a payment",
    tags=_TAGS,
    responses=refusals(404),
)
async def show_payment(payment_id: FromPath[UUID], request: ApiRequest) -> PaymentResponse:
    """Show one of one's own payments; with `payments:read_all` anyone's."""
    return PaymentResponse.of(
        await request.application.payments.find_payment(request.principal, PaymentId(payment_id))
    )


@get(
    "/payments",
    access=allowed_to(Permission.PAYMENTS_READ),
    summary="List payments",
    tags=_TAGS,
    responses=refusals(),
)
async def list_payments(  # noqa: PLR0913, PLR0917 - a parameter each of the query
    request: ApiRequest,
    page: PageNumber = None,
    page_size: PageSize = None,
    cursor: Cursor = None,
    status: Annotated[str | None, query("Only those in this state.", enum=list(PaymentStatus))] = None,
    customer_id: Annotated[str | None, query("Only those of this customer.", format="uuid")] = None,
    from_date: FromDate = None,
    to_date: ToDate = None,
) -> PaymentListResponse:
    """List one's own payments, newest first; with `payments:read_all` everyone's."""
    reading = QueryReading()
    customer = reading.uuid("customer_id", customer_id)
    days = reading.days(from_date, to_date)
    wanted = PaymentFilter(
        status=reading.one_of("status", status, PaymentStatus),
        customer_id=CustomerId(customer) if customer else None,
        created=days,
    )
    list_cursors = request.cursors.of("payments", wanted)
    place = reading.place(page, page_size, cursor, list_cursors)
    reading.check()
    found = await request.application.payments.list_payments(request.principal, wanted, place)
    return PaymentListResponse.of(found, PaymentResponse.of, list_cursors)


@get(
    "/payments/search",
    access=allowed_to(Permission.PAYMENTS_READ),
    summary="Search payments",
    tags=_TAGS,
    responses=refusals(),
)
async def search_payments(  # noqa: PLR0913, PLR0917 - a parameter each of the query
    request: ApiRequest,
    page: PageNumber = None,
    page_size: PageSize = None,
    cursor: Cursor = None,
    card_last4: Annotated[
        str | None, query("The last four digits of the card.", pattern="^[0-9]{4}$")
    ] = None,
    customer_email: Annotated[
        str | None, query("The whole e-mail address of the customer, in any case.", maxLength=254)
    ] = None,
) -> PaymentListResponse:
    """
    Find one's own payments by what is known of them, newest first; with `payments:read_all` everyone's. All that is
    sent has to be so. An address finds payments of customers whom one sees.
    """
    reading = QueryReading()
    wanted = PaymentSearch(
        card_last4=reading.digits("card_last4", card_last4, count=4),
        customer_email=reading.text("customer_email", customer_email, email),
    )
    reading.require_one_of({"card_last4": card_last4, "customer_email": customer_email})
    list_cursors = request.cursors.of("found payments", wanted)
    place = reading.place(page, page_size, cursor, list_cursors)
    reading.check()
    found = await request.application.payments.search_payments(request.principal, wanted, place)
    return PaymentListResponse.of(found, PaymentResponse.of, list_cursors)


@get(
    "/customers/{customer_id:uuid}/payments/total",
    access=allowed_to(Permission.PAYMENTS_READ),
    summary="Sum up a customer's payments",
    tags=_TAGS,
    responses=refusals(404),
)
async def total_payments(
    customer_id: FromPath[UUID], request: ApiRequest, from_date: FromDate = None, to_date: ToDate = None
) -> TotalsResponse:
    """
    Sum up what was captured less what was refunded, of the payments that completed: one's own, and with
    `payments:read_all` everyone's.
    """
    reading = QueryReading()
    wanted = PaymentFilter(customer_id=CustomerId(customer_id), created=reading.days(from_date, to_date))
    reading.check()
    totals = await request.application.payments.total_payments(request.principal, wanted)
    return TotalsResponse([TotalResponse.of(total) for total in totals])


ROUTES = (create_payment, show_payment, list_payments, search_payments, total_payments)
