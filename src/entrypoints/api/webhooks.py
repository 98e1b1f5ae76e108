"""Where gateways tell of what happened there."""

from typing import Annotated

from litestar import Response, post
from litestar.params import HeaderParameter

from .access import OPEN
from .answer_models import AnswerModel
from .documentation import refusals
from .requests import ApiRequest


class ReceiptResponse(AnswerModel):
    """That an event has arrived, and is not to be sent again."""

    received: bool

    @classmethod
    def example(cls) -> "ReceiptResponse":
        return cls(received=True)


@post(
    "/webhooks/stripe",
    access=OPEN,
    status_code=200,
    response_description="It has arrived.",
    summary="Receive an event of Stripe",
    tags=["payments"],
    responses=refusals(400, 413),
)
async def receive_stripe_event(
    request: ApiRequest,
    signature: Annotated[
        str, HeaderParameter(name="Stripe-Signature", description="`t=<time>,v1=<HMAC of time and body>`.")
    ] = "",
) -> Response[ReceiptResponse]:
    """
    Settle the payment that an event is about. Each event counts once, in any order; one that is not signed by a secret
    of ours, or not within 300 seconds, is refused.
    """
    await request.application.payments.receive_notice(await request.body(), signature)
    return Response(ReceiptResponse(received=True))


ROUTES = (receive_stripe_event,)
