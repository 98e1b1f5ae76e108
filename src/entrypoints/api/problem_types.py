"""What each ``code`` of an error means, in a short text: what ``/problems/<code>`` answers."""

from collections.abc import Mapping

from attrs import frozen


@frozen
class ProblemType:
    """
    One kind of error.

    Args:
        title: The same for each error of this kind.
        text: What happened, and what its caller can do.
    """

    title: str
    text: str


PROBLEM_TYPES: Mapping[str, ProblemType] = {
    # 400
    "validation_failed": ProblemType(
        "Fields are not valid",
        "Each field that breaks a rule is named, with the rule. Mend them all and send the request again.",
    ),
    "invalid_json": ProblemType(
        "The body is no JSON object",
        "A body is one JSON object in UTF-8. This one is empty, malformed, nested too deeply, or something else.",
    ),
    "invalid_amount": ProblemType(
        "This is no amount", "An amount is a decimal number with no more decimals than its currency has."
    ),
    "amount_out_of_range": ProblemType(
        "The amount is out of range", "The amount is larger than can be kept exactly."
    ),
    "unknown_currency": ProblemType(
        "The currency is not known",
        "A currency is one of the three-letter codes of ISO 4217 that are in use.",
    ),
    "invalid_percentage": ProblemType(
        "This is no percentage", "A percentage is a decimal number from 0 to 100 with few decimals."
    ),
    "invalid_date_range": ProblemType(
        "This is no range of dates", "A range of dates ends no earlier than it begins."
    ),
    "invalid_promotion": ProblemType(
        "This is no promotion", "A promotion takes something off, and gives nothing for nothing."
    ),
    "invalid_signature": ProblemType(
        "The signature is not valid",
        "An event is signed by a secret that is known here, over its body to the byte, within 300 seconds.",
    ),
    # 401
    "unauthorized": ProblemType(
        "Who calls is not known", "Log in, and send the token: `Authorization: Bearer <token>`."
    ),
    "invalid_credentials": ProblemType(
        "Wrong name or password", "There is no account of this name, or its password is another."
    ),
    "session_expired": ProblemType(
        "The session is over",
        "The token was good once, but its time is up, or its session was ended. Log in again.",
    ),
    # 402
    "card_declined": ProblemType(
        "The card was declined",
        "No money was taken. `decline_code` says why, and `payment_id` names the payment: a new one is kept as failed, "
        "and one that was only to be captured goes on being held.",
    ),
    # 403
    "forbidden": ProblemType(
        "The caller may not do this",
        "No role of the caller allows it; or a request with the cookie came from a page of another origin.",
    ),
    # 404, 405, 406, 408, 413, 415, 431, 499
    "not_found": ProblemType(
        "There is nothing there", "There is no such thing, or none that the caller may see."
    ),
    "method_not_allowed": ProblemType(
        "The address does not take this method", "The methods that it takes are in `Allow`."
    ),
    "not_acceptable": ProblemType(
        "There is no such form of the answer", "None of the forms of the answer is one that `Accept` names."
    ),
    "request_timeout": ProblemType(
        "The request came too slowly", "The whole head of a request comes within seconds of its connection."
    ),
    "payload_too_large": ProblemType("The body is too large", "A body has 1 MiB at most."),
    "unsupported_media_type": ProblemType(
        "The body is of another type", "A body is sent as `application/json`, in UTF-8."
    ),
    "headers_too_large": ProblemType(
        "The head is too large", "The address and all headers together have 16 KiB at most."
    ),
    "client_closed_request": ProblemType(
        "The client hung up", "The connection ended before the whole request had come."
    ),
    # 409
    "conflict": ProblemType(
        "Something else is in the way",
        "What is there now forbids this; where fields are named, others have those.",
    ),
    "concurrency_conflict": ProblemType(
        "Somebody else was first",
        "It was changed meanwhile, from the version `expected` to `actual`. Read it again, then try again.",
    ),
    "idempotency_in_progress": ProblemType(
        "The first request is under way",
        "A request with this key is being answered. Try again after `Retry-After`; nothing is done twice.",
    ),
    # 412
    "precondition_failed": ProblemType(
        "The version is another",
        "`If-Match` names a version that is no longer the present one. Read it again.",
    ),
    # 422
    "business_rule_violation": ProblemType(
        "A rule forbids it",
        "The request is well-formed, but a rule of the business forbids what it asks for.",
    ),
    "invalid_state_transition": ProblemType(
        "It is in another state", "What is asked for cannot be done in the state that it is in."
    ),
    "capture_exceeds_authorization": ProblemType(
        "More than is held", "No more can be captured than was authorized."
    ),
    "capture_not_positive": ProblemType("Nothing to capture", "The amount to capture is more than zero."),
    "refund_not_positive": ProblemType("Nothing to refund", "The amount to refund is more than zero."),
    "refund_exceeds_capture": ProblemType(
        "More than was captured", "All refunds of a payment together are no more than was captured of it."
    ),
    "order_total_out_of_range": ProblemType(
        "The total is out of range", "The total of the order is more than can be paid at once."
    ),
    "insufficient_stock": ProblemType("Not enough in stock", "Less is in stock than was asked for."),
    "insufficient_balance": ProblemType(
        "Not enough on the account", "The balance does not cover the amount."
    ),
    "currency_mismatch": ProblemType(
        "Two currencies", "Amounts of different currencies cannot be put together."
    ),
    "idempotency_key_reused": ProblemType(
        "The key is in use",
        "This key came with another body before. Take a new key for a new request.",
    ),
    "last_admin": ProblemType("The last Admin", "There is always an Admin; make another one first."),
    "below_minimum_age": ProblemType(
        "Too young", "Whom this is about has not reached the age that it takes."
    ),
    "outside_business_hours": ProblemType("Out of hours", "This is done in business hours alone."),
    # 429
    "rate_limit_exceeded": ProblemType(
        "Too many requests", "Try again after `Retry-After`. `RateLimit-Limit` says how many there may be."
    ),
    # 500
    "internal_error": ProblemType(
        "Something went wrong on our side",
        "It is in our log under the request id. A request with an `Idempotency-Key` can be sent again.",
    ),
    "database_error": ProblemType(
        "Something went wrong on our side", "The database refused a statement, or its last word was lost."
    ),
    "serialization_error": ProblemType(
        "Something went wrong on our side", "Something that was stored cannot be read."
    ),
    "invalid_factor": ProblemType(
        "Something went wrong on our side", "We multiplied an amount by what is no number."
    ),
    "invalid_weights": ProblemType(
        "Something went wrong on our side", "We shared an amount out by what are no weights."
    ),
    # 502, 503, 504
    "external_service_error": ProblemType(
        "A service outside failed", "It could not be reached, and surely did nothing. Try again."
    ),
    "service_unavailable": ProblemType(
        "Not now", "Something we need does not answer, or is too busy. Try again after `Retry-After`."
    ),
    "database_connection_error": ProblemType(
        "Not now", "The database does not answer. Try again after `Retry-After`."
    ),
    "timeout": ProblemType(
        "It took too long",
        "We gave the request up; what it asked for may have been done. Look first, or send the same key again.",
    ),
}
"""By code. Every code that an answer can have is here."""
