"""What a gateway tells of its own accord, dealt with once."""

from contextlib import suppress

from attrs import frozen

from ...kernel import Clock
from ..errors import GatewayOutcomeUnknownError, GatewayUnreachableError, PaymentNotFoundError
from ..notices import NoticeReader, NoticeRefusedError, SeenNotices
from .settling import SettlePayment


@frozen
class ReceiveNotice:
    """
    Settle the payment that a notice of the gateway names.

    A notice says no more than that there is something to be asked, so it makes no difference in which order they come,
    how often, or whether one is missing. It counts as seen only when it was dealt with: the gateway sends again what
    was not.

    Args:
        reader: None where no gateway is to be heard.
    """

    reader: NoticeReader | None
    seen: SeenNotices
    settle_payment: SettlePayment
    clock: Clock

    async def __call__(self, body: bytes, signature: str) -> None:
        """
        Args:
            body: As it was sent, to the byte.

        Raises:
            NoticeRefusedError: it is not from the gateway, or not from just now.
            UnavailableError, OutcomeUnknownError: what was found out could not be recorded; to be sent again.
        """
        if self.reader is None:
            raise NoticeRefusedError("no gateway is to be heard")
        now = self.clock()
        notice = self.reader.read(body, signature, at=now)
        if await self.seen.has(notice.id):
            return
        if notice.payment_id is not None:
            # What cannot be found out now stays open, and is settled later; what we know nothing of is not ours.
            with suppress(GatewayUnreachableError, GatewayOutcomeUnknownError, PaymentNotFoundError):
                await self.settle_payment(notice.payment_id)
        await self.seen.add(notice.id, now)
