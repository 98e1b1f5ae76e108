"""What is sent and answered about many payments at once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Self, cast

from attrs import evolve
from msgspec import structs
from pydantic import Field, PlainValidator
from pydantic_core import PydanticCustomError

from ...core.kernel import FieldError, ValidationFailedError
from ...core.kernel.validation import Form, field, required, size
from ..composition import Application
from .answer_models import AnswerModel, told
from .errors import ErrorBody, Refusal
from .exact_json import MAX_FIELD_ERRORS, JsonObject
from .idempotency_keys import KeyedRequest
from .payment_models import CreatePaymentRequest, PaymentResponse

_PAYMENTS = "payments"
_RULES = Form(field(_PAYMENTS, required, size(1, 1_000)))


def _unread(value: object) -> object:
    if not isinstance(value, list):
        raise PydanticCustomError("list_type", "must be a list")
    return value


class CreatePaymentsRequest(KeyedRequest):
    """Payments to be taken, each on its own: what is wrong with one is its own result, and hurts no other."""

    payments: Annotated[list[CreatePaymentRequest], PlainValidator(_unread)] = Field(
        description="In the order of the results.", json_schema_extra={"minItems": 1, "maxItems": 1_000}
    )

    @classmethod
    def example(cls) -> dict[str, object]:
        return {_PAYMENTS: [CreatePaymentRequest.example()]}

    @classmethod
    def rules(cls, application: Application) -> Form:  # noqa: ARG003 - nobody can set these
        return _RULES

    @classmethod
    def read(cls, sent: JsonObject, application: Application) -> Self:
        """
        Take a request as it was sent, but for its items, of which each is read when its turn comes.

        Raises:
            ValidationFailedError: the whole is wrong. That is also said where more of its items cannot be read than
                anybody would be told of, because then nobody can say which.
        """
        items = sent.members.get(_PAYMENTS)
        if isinstance(items, list) and len(sent.field_errors) < MAX_FIELD_ERRORS:
            sent = _parted(sent, items)
        read = super().read(sent, application)
        if errors := _RULES.errors(sent.members):
            raise ValidationFailedError(errors)
        return read

    @property
    def items(self) -> Sequence[JsonObject | object]:
        """The items as they were sent; what is no object is none of them."""
        return cast("Sequence[JsonObject | object]", self.payments)


def _parted(sent: JsonObject, items: Iterable[object]) -> JsonObject:
    """*sent*, whose items carry what is wrong with them."""
    own: list[FieldError] = []
    of_items: dict[str, list[FieldError]] = defaultdict(list)
    for error in sent.field_errors:
        name, _, rest = error.field.partition(".")
        index, _, path = rest.partition(".")
        if name == _PAYMENTS and path:
            of_items[index].append(evolve(error, field=path))
        else:
            own.append(error)
    parted = [
        JsonObject(item, tuple(of_items[str(index)])) if isinstance(item, dict) else item
        for index, item in enumerate(items)
    ]
    return JsonObject({**sent.members, _PAYMENTS: parted}, tuple(own))


class PaymentResult(AnswerModel, omit_defaults=True, kw_only=True):
    """What became of one item: a payment, or an error."""

    index: Annotated[int, told("Its place in the request, from 0.")]
    status: Annotated[int, told("What `POST /payments` would have answered with.")]
    payment: PaymentResponse | None = None
    error: ErrorBody | None = None

    @classmethod
    def refused(cls, index: int, refusal: Refusal) -> "PaymentResult":
        return cls(index=index, status=refusal.status, error=refusal.error)

    def at(self, index: int) -> "PaymentResult":
        """The same, of the item at another place."""
        return structs.replace(self, index=index)


class PaymentResultsResponse(AnswerModel):
    """What became of each item, in the order of the request."""

    results: list[PaymentResult]

    @classmethod
    def example(cls) -> "PaymentResultsResponse":
        declined: Any = ErrorBody(
            code="card_declined",
            message="The card was declined.",
            decline_code="insufficient_funds",
            payment_id=PaymentResponse.example().id,
        )
        return cls(
            [
                PaymentResult(index=0, status=201, payment=PaymentResponse.example()),
                PaymentResult(index=1, status=402, error=declined),
            ]
        )
