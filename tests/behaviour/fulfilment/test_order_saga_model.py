"""Whatever fails, dies, comes twice or too late: every order ends, and money and stock are where its end says."""

import asyncio
from contextlib import suppress
from uuid import UUID

from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from builders.fulfilment import House
from builders.payments import ANSWER_LOST, APPROVED, CAPTURE_DECLINED, DECLINED, UNREACHABLE
from quayside.core.fulfilment import Phase
from quayside.core.kernel import QuaysideError
from quayside.core.ordering import OrderStatus, OrderTransitionError
from quayside.core.payments import PaymentStatus

WELL, *ILL = "well", "unreachable", "answer_lost"
FINAL = {PaymentStatus.COMPLETED, PaymentStatus.FAILED, PaymentStatus.CANCELLED}
CALLS = ["authorize", "capture", "void", "refund"]
cards = st.sampled_from([APPROVED, APPROVED, APPROVED, ANSWER_LOST, DECLINED, UNREACHABLE, CAPTURE_DECLINED])

acts = st.lists(
    st.one_of(
        st.tuples(st.just("places"), cards, st.sampled_from([1, 1, 4, 7])),
        st.tuples(st.just("cancels"), st.integers(0, 3), st.none()),
        st.tuples(st.just("mood"), st.sampled_from(CALLS), st.sampled_from([WELL, *ILL])),
        # Something of what ever happened is answered, maybe once more, and maybe by somebody who hangs on the way.
        st.tuples(st.just("answers"), st.integers(0, 40), st.sampled_from([0, 0, 1, 3, 30])),
        st.tuples(st.just("answers latest"), st.none(), st.sampled_from([0, 0, 1, 3, 30])),
        st.tuples(st.just("works"), st.none(), st.none()),
        st.tuples(st.just("passes"), st.sampled_from([0.3, 5.0, 70.0, 130.0]), st.none()),
        st.tuples(st.sampled_from(["dies", "retries"]), st.none(), st.none()),
    ),
    max_size=25,
)


@define(eq=False)
class Course:
    """What is done, and who is still at it."""

    house: House = field(factory=House)
    orders: dict[UUID, int] = field(factory=dict)
    at_work: list[asyncio.Task[object]] = field(factory=list)

    async def take(self, act: str, first: object, second: object) -> None:
        house = self.house
        match act, first, second:
            case "places", str(card), int(quantity):
                self.orders[await house.places(card, quantity)] = quantity
            case "cancels", int(which), _ if which < len(self.orders):
                with suppress(OrderTransitionError):
                    await house.cancels([*self.orders][which])
            case "mood", str(call), str(mood):
                house.gateway.moods[call] = mood
            case (("answers" | "answers latest"), which, int(hangs)):
                await self.answers(which if isinstance(which, int) else None, hangs)
            case "works", _, _:
                await house.works()
            case "passes", float(seconds), _:
                await house.passes(seconds)
            case "dies", _, _:
                await self.dies()
            case "retries", _, _:
                await self.retries()

    async def answers(self, which: int | None, hangs: int) -> None:
        """Begin to answer an event; whoever does so hangs for some turns of the loop before each call outside."""
        wanted = [
            each for each in await self.house.recorded() if self.house.subscription.of.lets_through(each)
        ]
        if not wanted:
            return

        async def hang(_: str) -> None:
            for _turn in range(hangs):
                await asyncio.sleep(0)

        self.house.gateway.before = hang
        recorded = wanted[-1 if which is None else which % len(wanted)]
        self.at_work.append(asyncio.create_task(self.house.subscription.handle(recorded)))
        for _turn in range(10):
            await asyncio.sleep(0)

    async def dies(self) -> None:
        for task in self.at_work:
            task.cancel()
        await asyncio.gather(*self.at_work, return_exceptions=True)
        self.at_work.clear()

    async def retries(self) -> None:
        for saga in await self.house.store.open_sagas.list(needs_attention=True):
            await self.house.fulfilment.runner.retry(saga.id)

    async def ends_well(self) -> None:
        """Everything answers again, and time goes by."""
        self.house.gateway.moods.clear()
        for task in self.at_work:
            with suppress(QuaysideError):
                await task
        for _round in range(12):
            await self.house.passes(130)
            await self.house.settles()
            await self.retries()


@given(course_of=acts)
async def test_every_order_is_paid_and_kept_or_as_if_it_had_never_been(
    course_of: list[tuple[str, object, object]],
) -> None:
    course = Course()
    house = course.house
    await house.opens()
    for act in course_of:
        await course.take(*act)
        assert 0 <= await house.reserved() <= 10
    await course.ends_well()

    owed = kept = 0
    for order_id, quantity in course.orders.items():
        order, saga = await house.order(order_id), await house.saga(order_id)
        assert order.status in {OrderStatus.CONFIRMED, OrderStatus.CANCELLED}
        assert await house.is_kept(order_id) is (order.status is OrderStatus.CONFIRMED)
        if order.status is OrderStatus.CONFIRMED:
            assert saga.phase is Phase.COMPLETED
            assert (await house.payment(order_id)).captured == order.placed.total  # type: ignore[union-attr]
            owed, kept = owed + 2000 * quantity, kept + quantity
        else:
            assert saga.phase in {Phase.CANCELLED, Phase.NEW}
    assert (await house.charged(), await house.reserved()) == (owed, kept)
    books = await house.business.reconcile_payments()
    assert (books.differences, books.unsettled) == ([], 0)
    assert all(payment.status in FINAL for payment in await house.business.payments())
