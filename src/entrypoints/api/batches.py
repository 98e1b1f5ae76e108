"""The route for many payments at once."""

from asyncio import get_running_loop
from uuid import UUID

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from ...core.kernel import Permission
from ...core.payments import BatchTime
from .access import allowed_to
from .batch_items import BatchItems
from .batch_models import CreatePaymentsRequest, PaymentResult, PaymentResultsResponse
from .documentation import refusals
from .requests import ApiRequest
from .resources import ApiResponse

_SHARE_TO_BEGIN = 0.75  # of the time that is left; in the rest, what is under way can end
_SHARE_TO_END = 0.95  # in the rest, the answer is written, and kept under its key


@post(
    "/payments/batch",
    access=allowed_to(Permission.PAYMENTS_CREATE),
    idempotent=True,
    status_code=207,
    summary="Take many payments",
    tags=["payments"],
    responses=refusals(413, 415),
)
async def create_payments(
    data: JSONBody[CreatePaymentsRequest], request: ApiRequest, operation_id: NamedDependency[UUID]
) -> ApiResponse[PaymentResultsResponse]:
    """
    Take up to 1,000 payments, ten at a time at the gateway.

    Each is checked, taken and answered as by `POST /payments`, and may have an `idempotency_key` of its own; that of
    the header covers the whole. What the time limit leaves unbegun is 504 in its place, and safe to be sent again; a
    504 with a `payment_id` was begun, and is settled by itself.
    """
    items = BatchItems(request, operation_id)
    left_s = request.scope["state"]["ends_at"] - get_running_loop().time()
    within = BatchTime(begins_for_s=_SHARE_TO_BEGIN * left_s, lasts_s=_SHARE_TO_END * left_s)
    results: list[PaymentResult] = []
    async for outcome in request.application.payments.process_batch(
        enumerate(data.items), items.take, within
    ):
        if isinstance(outcome, Exception):
            outcome = items.refused(len(results), outcome)  # noqa: PLW2901 - what came of it, again
        results.append(outcome)
    return ApiResponse(PaymentResultsResponse(results), status_code=207)


ROUTES = (create_payments,)
