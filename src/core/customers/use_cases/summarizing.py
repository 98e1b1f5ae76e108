"""Showing all of a customer at a glance."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from attrs import frozen

from ...kernel import CustomerId, Principal
from ..entities import Customer
from .reading import FindCustomer

SummarySource = Callable[[Principal, CustomerId], Awaitable[Sequence[Any]]]
"""Gives the latest of one kind that have to do with a customer, as far as the caller may see them."""


@frozen
class CustomerSummary:
    """
    A customer, and what has to do with them.

    Args:
        parts: What each source gave, by its name; nothing of one that is unavailable.
        unavailable: Sources that failed, or took too long.
    """

    customer: Customer
    parts: Mapping[str, Sequence[Any]]
    unavailable: tuple[str, ...]


@frozen
class SummarizeCustomer:
    """
    Put together what is known of a customer. Sources are asked side by side; one that fails is missing, and no more.

    Args:
        sources: By the names of the parts that they give.
        missed: Told of each source that gave nothing, and why.
        patience_s: How long each of them may take.
    """

    find_customer: FindCustomer
    sources: Mapping[str, SummarySource]
    missed: Callable[[str, Exception], None]
    patience_s: float = 1.0

    async def __call__(self, principal: Principal, customer_id: CustomerId) -> CustomerSummary:
        """
        Raises:
            CustomerNotFoundError: there is none, not any more, or the caller may not see them.
        """
        customer = await self.find_customer(principal, customer_id)
        given = await asyncio.gather(*(self._part(name, principal, customer_id) for name in self.sources))
        parts = dict(zip(self.sources, given, strict=True))
        return CustomerSummary(
            customer,
            {name: part for name, part in parts.items() if part is not None},
            tuple(name for name, part in parts.items() if part is None),
        )

    async def _part(self, name: str, principal: Principal, customer_id: CustomerId) -> Sequence[Any] | None:
        try:
            async with asyncio.timeout(self.patience_s):
                return await self.sources[name](principal, customer_id)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one, the others are shown
            self.missed(name, error)
            return None
