"""Routes for what becomes of a payment: captured, cancelled, given back, deleted."""

from uuid import UUID

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import FromPath, JSONBody

from ...core.kernel import ExpectedVersion, Permission
from ...core.payments import PaymentId, RefundId, RefundStatus
from .access import allowed_to
from .answer_headers import LOCATION
from .answer_models import Shown
from .documentation import refusals
from .payment_models import PaymentResponse, answer_of
from .queries import Cursor, PageNumber, PageSize, QueryReading
from .refund_models import (
    CancelPaymentRequest,
    CapturePaymentRequest,
    RefundListResponse,
    RefundPaymentRequest,
    RefundResponse,
)
from .requests import ApiRequest
from .resources import ApiResponse

_TAGS = ["payments"]
_PAYMENT_UNKNOWN = ResponseSpec(
    PaymentResponse,
    description="Not known yet; follow it at `Location`.",
    examples=[Example(value=Shown.of(PaymentResponse.example_of_held()))],
)
_REFUND_UNKNOWN = ResponseSpec(
    RefundResponse,
    description="Not known yet; follow it at `Location`.",
    examples=[Example(value=Shown.of(RefundResponse.example()))],
)


@post(
    "/payments/{payment_id:uuid}/capture",
    access=allowed_to(Permission.PAYMENTS_CAPTURE),
    idempotent=True,
    status_code=200,
    summary="Capture a payment",
    response_headers=[LOCATION],
    tags=_TAGS,
    responses={202: _PAYMENT_UNKNOWN, **refusals(402, 404, 413, 415)},
)
async def capture_payment(
    payment_id: FromPath[UUID],
    data: JSONBody[CapturePaymentRequest],
    request: ApiRequest,
    operation_id: NamedDependency[UUID],
) -> ApiResponse[PaymentResponse]:
    """
    Take what is held, or part of it, once; the rest is released.

    Where the gateway refuses, the payment stays `Processing`. Answers 202 where its answer is not known.
    """
    request.scope["state"]["payment_id"] = payment_id  # for the answer, should this fail or take too long
    payment = await request.application.payments.capture_payment(
        request.principal, PaymentId(payment_id), data.to_domain(), operation_id=operation_id
    )
    return answer_of(payment, done=200)


@post(
    "/payments/{payment_id:uuid}/cancel",
    access=allowed_to(Permission.PAYMENTS_CANCEL),
    idempotent=True,
    status_code=200,
    summary="Cancel a payment",
    response_headers=[LOCATION],
    tags=_TAGS,
    responses={202: _PAYMENT_UNKNOWN, **refusals(404, 413, 415)},
)
async def cancel_payment(
    payment_id: FromPath[UUID],
    data: JSONBody[CancelPaymentRequest],  # noqa: ARG001 - its key was read
    request: ApiRequest,
    operation_id: NamedDependency[UUID],
) -> ApiResponse[PaymentResponse]:
    """Let go what is held, before any of it is taken. Answers 202 where the gateway's answer is not known."""
    request.scope["state"]["payment_id"] = payment_id
    payment = await request.application.payments.cancel_payment(
        request.principal, PaymentId(payment_id), operation_id=operation_id
    )
    return answer_of(payment, done=200)


@post(
    "/payments/{payment_id:uuid}/refunds",
    access=allowed_to(Permission.PAYMENTS_REFUND),
    idempotent=True,
    summary="Refund a payment",
    response_headers=[LOCATION],
    tags=_TAGS,
    responses={202: _REFUND_UNKNOWN, **refusals(404, 413, 415)},
)
async def refund_payment(
    payment_id: FromPath[UUID],
    data: JSONBody[RefundPaymentRequest],
    request: ApiRequest,
    operation_id: NamedDependency[UUID],
) -> ApiResponse[RefundResponse]:
    """
    Give back what was captured, or part of it, as often as something is left.

    Answers 202 where the gateway's answer is not known: the refund is `Pending`, and is settled later.
    """
    request.scope["state"]["payment_id"] = payment_id
    refund = await request.application.payments.refund_payment(
        request.principal, PaymentId(payment_id), data.to_domain(), refund_id=RefundId(operation_id)
    )
    return ApiResponse(
        RefundResponse.of(refund),
        status_code=202 if refund.status is RefundStatus.PENDING else 201,
        headers={"Location": f"/api/v1/payments/{payment_id}/refunds"},
    )


@get(
    "/payments/{payment_id:uuid}/refunds",
    access=allowed_to(Permission.PAYMENTS_READ),
    summary="List a payment's refunds",
    tags=_TAGS,
    responses=refusals(404),
)
async def list_refunds(
    payment_id: FromPath[UUID],
    request: ApiRequest,
    page: PageNumber = None,
    page_size: PageSize = None,
    cursor: Cursor = None,
) -> RefundListResponse:
    """List the refunds of one of one's own payments, newest first; with `payments:read_all` of anyone's."""
    reading = QueryReading()
    list_cursors = request.cursors.of(f"refunds of {payment_id}")
    place = reading.place(page, page_size, cursor, list_cursors)
    reading.check()
    found = await request.application.payments.list_refunds(request.principal, PaymentId(payment_id), place)
    return RefundListResponse.of(found, RefundResponse.of, list_cursors)


@delete(
    "/payments/{payment_id:uuid}",
    access=allowed_to(Permission.PAYMENTS_DELETE),
    summary="Delete a payment",
    tags=_TAGS,
    responses=refusals(404, 422),
)
async def delete_payment(
    payment_id: FromPath[UUID], request: ApiRequest, expected: NamedDependency[ExpectedVersion]
) -> None:
    """Take a payment that has ended out of sight: it is gone from every read, and kept in storage."""
    await request.application.payments.delete_payment(
        request.principal, PaymentId(payment_id), expected=expected
    )


ROUTES = (capture_payment, cancel_payment, refund_payment, list_refunds, delete_payment)
