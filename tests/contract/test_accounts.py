"""What every store of accounts does (`core.payments.AccountRepository`), and transfers under races."""

import asyncio
from collections.abc import Awaitable
from uuid import UUID, uuid4

import pytest

from builders import NOON, eur, gbp
from contract.conftest import Storage
from quayside.adapters.memory import MemoryStore
from quayside.core.kernel import ConcurrencyConflictError, CurrencyMismatchError, Money, QuaysideError
from quayside.core.kernel.validation import InsufficientBalanceError
from quayside.core.payments import (
    AccountId,
    AccountNotFoundError,
    OpenAccount,
    TransferId,
    TransferIdReusedError,
    TransferMoney,
    TransferNotPositiveError,
    TransferToItselfError,
)

A, B, C = (AccountId(UUID(int=number)) for number in (1, 2, 3))
OURS = AccountId(UUID(int=9))


@pytest.fixture
def transfer(storage: Storage) -> TransferMoney:
    """Moves money, at noon."""
    return TransferMoney(storage.begin, lambda: NOON)


@pytest.fixture
async def opened(storage: Storage, transfer: TransferMoney) -> None:
    """Ten pounds each on two accounts."""
    opens = OpenAccount(storage.begin, lambda: NOON)
    await opens(OURS, "GBP", may_be_overdrawn=True)
    for account_id in (A, B):
        await opens(account_id, "GBP")
        await transfer(OURS, account_id, gbp("10.00"), transfer_id=TransferId(uuid4()))


async def balances(storage: Storage, *account_ids: AccountId) -> list[Money]:
    async with storage.begin() as tx:
        return [(await tx.accounts.get(account_id)).balance for account_id in account_ids]


async def story_of(storage: Storage, account_id: AccountId) -> list[str]:
    async with storage.begin() as tx:
        account = await tx.accounts.get(account_id)
    events = await storage.events.read_stream(account.stream)
    assert len(events) == account.version
    return [each.event.type_name() for each in events]


@pytest.mark.usefixtures("opened")
async def test_a_transfer_moves_money_and_is_told_on_both_sides_and_booked_once(
    storage: Storage, transfer: TransferMoney
) -> None:
    transfer_id = TransferId(uuid4())

    await transfer(A, B, gbp("3.00"), transfer_id=transfer_id)

    assert await balances(storage, A, B, OURS) == [gbp("7.00"), gbp("13.00"), gbp("-20.00")]
    assert await story_of(storage, A) == ["AccountOpened", "MoneyReceived", "MoneySent"]
    assert await story_of(storage, B) == ["AccountOpened", "MoneyReceived", "MoneyReceived"]
    async with storage.begin() as tx:
        entry = await tx.accounts.transfer(transfer_id)
        assert await tx.accounts.transfer(TransferId(uuid4())) is None
    assert entry is not None
    assert [(each.account, each.amount) for each in entry.postings] == [
        (f"account/{A}", gbp("3.00")),
        (f"account/{B}", gbp("-3.00")),
    ]
    assert (entry.transfer_id, entry.payment_id, entry.at) == (transfer_id, None, NOON)


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ((A, B, gbp("10.01")), InsufficientBalanceError),
        ((A, B, gbp("0.00")), TransferNotPositiveError),
        ((A, B, gbp("-1.00")), TransferNotPositiveError),
        ((A, A, gbp("1.00")), TransferToItselfError),
        ((A, B, eur("1.00")), CurrencyMismatchError),
        ((OURS, B, eur("1.00")), CurrencyMismatchError),
        ((A, C, gbp("1.00")), AccountNotFoundError),
        ((C, A, gbp("1.00")), AccountNotFoundError),
    ],
    ids=["too much", "nothing", "less", "to itself", "currency", "ours", "to nobody", "from nobody"],
)
@pytest.mark.usefixtures("opened")
async def test_what_is_refused_moves_nothing(
    storage: Storage,
    transfer: TransferMoney,
    asked: tuple[AccountId, AccountId, Money],
    refusal: type[QuaysideError],
) -> None:
    transfer_id = TransferId(uuid4())

    with pytest.raises(refusal):
        await transfer(*asked, transfer_id=transfer_id)

    assert await balances(storage, A, B) == [gbp("10.00"), gbp("10.00")]
    async with storage.begin() as tx:
        assert await tx.accounts.transfer(transfer_id) is None


@pytest.mark.usefixtures("opened")
async def test_all_that_is_there_can_be_moved(storage: Storage, transfer: TransferMoney) -> None:
    await transfer(A, B, gbp("10.00"), transfer_id=TransferId(uuid4()))

    assert await balances(storage, A, B) == [gbp("0.00"), gbp("20.00")]


@pytest.mark.usefixtures("opened")
async def test_a_transfer_that_is_asked_for_again_is_made_once(
    storage: Storage, transfer: TransferMoney
) -> None:
    transfer_id = TransferId(uuid4())

    await asyncio.gather(*(transfer(A, B, gbp("6.00"), transfer_id=transfer_id) for _ in range(5)))

    assert await balances(storage, A, B) == [gbp("4.00"), gbp("16.00")]
    for other in [(A, B, gbp("1.00")), (B, A, gbp("6.00"))]:
        with pytest.raises(TransferIdReusedError):
            await transfer(*other, transfer_id=transfer_id)
    assert await balances(storage, A, B) == [gbp("4.00"), gbp("16.00")]


@pytest.mark.usefixtures("opened")
async def test_of_transfers_between_several_that_are_known_by_one_id_one_is_made(
    storage: Storage, transfer: TransferMoney
) -> None:
    await OpenAccount(storage.begin, lambda: NOON)(C, "GBP")
    transfer_id = TransferId(uuid4())

    outcomes = await _at_once(
        transfer(A, C, gbp("1.00"), transfer_id=transfer_id),
        transfer(OURS, B, gbp("1.00"), transfer_id=transfer_id),
    )

    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, TransferIdReusedError) for outcome in outcomes) == 1
    made = await balances(storage, A, C, OURS, B)
    assert made in (
        [gbp("9.00"), gbp("1.00"), gbp("-20.00"), gbp("10.00")],
        [gbp("10.00"), gbp("0.00"), gbp("-21.00"), gbp("11.00")],
    )


@pytest.mark.usefixtures("opened")
async def test_an_account_is_opened_once(storage: Storage) -> None:
    with pytest.raises(ConcurrencyConflictError):
        await OpenAccount(storage.begin, lambda: NOON)(A, "EUR")

    assert await balances(storage, A) == [gbp("10.00")]


@pytest.mark.usefixtures("opened")
async def test_a_stale_account_is_not_saved(storage: Storage, transfer: TransferMoney) -> None:
    async with storage.begin() as tx:
        a, b = await tx.accounts.lock(A, B)
    await transfer(A, B, gbp("8.00"), transfer_id=TransferId(uuid4()))

    with pytest.raises(ConcurrencyConflictError):
        async with storage.begin() as tx:
            await tx.accounts.save(a, a.send(gbp("8.00"), b, TransferId(uuid4()), at=NOON))

    assert await balances(storage, A, B) == [gbp("2.00"), gbp("18.00")]


@pytest.mark.usefixtures("opened")
async def test_fifty_who_send_at_once_send_no_more_than_there_is(
    storage: Storage, transfer: TransferMoney
) -> None:
    outcomes = await _at_once(
        *(transfer(A, B, gbp("0.30"), transfer_id=TransferId(uuid4())) for _ in range(50))
    )

    assert outcomes.count(None) == 33
    assert sum(isinstance(outcome, InsufficientBalanceError) for outcome in outcomes) == 17
    assert await balances(storage, A, B) == [gbp("0.10"), gbp("19.90")]


@pytest.mark.usefixtures("opened")
async def test_those_who_send_to_each_other_at_once_do_not_wait_for_each_other_for_ever(
    storage: Storage, transfer: TransferMoney
) -> None:
    pairs = [(A, B), (B, A), (OURS, A), (B, OURS), (A, OURS)] * 10

    outcomes = await _at_once(
        *(transfer(one, other, gbp("0.10"), transfer_id=TransferId(uuid4())) for one, other in pairs)
    )

    assert outcomes == [None] * 50
    assert await balances(storage, A, B, OURS) == [gbp("10.00"), gbp("9.00"), gbp("-19.00")]


async def _at_once(*works: Awaitable[None]) -> list[object]:
    return await asyncio.wait_for(asyncio.gather(*works, return_exceptions=True), 60)


@pytest.mark.usefixtures("opened")
async def test_the_database_overdraws_no_account_but_ours(storage: Storage) -> None:
    if isinstance(storage, MemoryStore):
        return  # it is nobody's but ours

    async with storage.read() as connection:
        cursor = await connection.execute(
            "UPDATE account SET balance_minor = -1 WHERE may_be_overdrawn RETURNING id"
        )
        assert await cursor.fetchall()
        with pytest.raises(QuaysideError) as refused:
            await connection.execute("UPDATE account SET balance_minor = -1 WHERE NOT may_be_overdrawn")
    assert refused.value.details["constraint"] == "account_not_overdrawn"
