"""Stripe's signed events."""

import hmac
import json
import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from attrs import frozen

from ....core.kernel import Secret
from ....core.payments import GatewayNotice, NoticeRefusedError, PaymentId
from .answers import KEY

_TOLERANCE_S = 300
_ID = re.compile(r"[!-~]{1,255}")


@frozen
class StripeNotices:
    """
    A `NoticeReader` of what Stripe sends to a webhook.

    Args:
        secrets: Those that are good now; two while one is exchanged for the other.

    Source: https://docs.stripe.com/webhooks/signature
    """

    secrets: Sequence[Secret]

    def read(self, body: bytes, signature: str, *, at: datetime) -> GatewayNotice:
        signed_at, signatures = _parts_of(signature)
        expected = [_signature(secret, signed_at, body) for secret in self.secrets]
        # Each is compared with each, so that the time tells nothing of which one it was.
        matches = [hmac.compare_digest(one, other) for one in expected for other in signatures]
        if not any(matches):
            raise NoticeRefusedError("signed by nobody we know")
        if abs(at.timestamp() - int(signed_at)) > _TOLERANCE_S:
            raise NoticeRefusedError("signed long ago, or not yet")
        return _notice(body)


def _parts_of(signature: str) -> tuple[bytes, list[bytes]]:
    parts = [part.partition("=") for part in signature.split(",")]
    times = [value for name, _, value in parts if name.strip() == "t"]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdigit() and len(times[0]) <= 12):
        raise NoticeRefusedError("not signed, or not at one time")
    return times[0].encode(), [value.encode() for name, _, value in parts if name.strip() == "v1"]


def _signature(secret: Secret, signed_at: bytes, body: bytes) -> bytes:
    return hmac.new(secret.reveal().encode(), signed_at + b"." + body, sha256).hexdigest().encode()


def _notice(body: bytes) -> GatewayNotice:
    try:
        event = json.loads(body)
        event_id, payment_id = event["id"], _payment_of(event["data"]["object"])
        is_an_id = _ID.fullmatch(event_id) is not None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NoticeRefusedError("signed, but no event") from error
    if not is_an_id:
        raise NoticeRefusedError("signed, but its id is none")
    return GatewayNotice(event_id, payment_id)


def _payment_of(thing: dict[str, Any]) -> PaymentId | None:
    """Whose key stands in the metadata: ours begin with the payment's id."""
    key = (thing.get("metadata") or {}).get(KEY)
    try:
        return PaymentId(UUID(str(key).partition("/")[0]))
    except ValueError:
        return None
