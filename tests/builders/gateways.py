"""Gateways that fail their callers at a certain call."""

from collections.abc import Callable
from typing import cast

from attrs import frozen

from quayside.core.payments import PaymentGateway


class Killed(BaseException):
    """What a process that dies raises, as it were."""


@frozen
class _DeadlyGateway:
    gateway: PaymentGateway
    call: str
    does_it: bool
    failure: Callable[[str], BaseException]

    def __getattr__(self, name: str) -> object:
        reached = getattr(self.gateway, name)
        if name != self.call:
            return reached

        async def dying(*arguments: object) -> None:
            if self.does_it:
                await reached(*arguments)
            raise self.failure("in the middle of it")

        return dying


def a_deadly_gateway(
    gateway: PaymentGateway, call: str, *, does_it: bool, failure: Callable[[str], BaseException] = Killed
) -> PaymentGateway:
    """*gateway*, which does what *call* asks, or does not, and whose caller then gets *failure*."""
    return cast(PaymentGateway, _DeadlyGateway(gateway, call, does_it, failure))
