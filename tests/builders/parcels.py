"""An event-sourced aggregate: a parcel that is packed until it is sealed."""

from collections.abc import Iterator
from typing import TypeAlias

from attrs import evolve, frozen

from quayside.core.eventlog import Decider, Event
from quayside.core.kernel import BusinessRuleError


@frozen
class Start:
    """Take an empty box."""

    limit_g: int


@frozen
class Pack:
    """Put something in."""

    sku: str
    weight_g: int


@frozen
class Seal:
    """Close it for good; to close it again changes nothing."""


@frozen
class ParcelStarted(Event):
    """There is a box."""

    limit_g: int


@frozen
class ItemPacked(Event):
    """Something is in it."""

    sku: str
    weight_g: int


@frozen
class ParcelSealed(Event):
    """It is closed."""


class ParcelTooHeavyError(BusinessRuleError):
    """It would weigh more than it may."""

    def __init__(self, weight_g: int, limit_g: int) -> None:
        super().__init__("The parcel would be too heavy.", weight_g=weight_g, limit_g=limit_g)


class ParcelClosedError(BusinessRuleError):
    """It was never started, or is sealed already."""

    def __init__(self) -> None:
        super().__init__("The parcel takes nothing.")


@frozen
class Parcel:
    """What is known about a parcel."""

    limit_g: int = 0
    weight_g: int = 0
    skus: tuple[str, ...] = ()
    is_open: bool = False


ParcelCommand: TypeAlias = Start | Pack | Seal
ParcelEvent: TypeAlias = ParcelStarted | ItemPacked | ParcelSealed
PARCEL_EVENTS: tuple[type[Event], ...] = (ParcelStarted, ItemPacked, ParcelSealed)


def decide(parcel: Parcel, command: ParcelCommand) -> Iterator[ParcelEvent]:
    match command:
        case Start(limit_g):
            yield ParcelStarted(limit_g)
        case Pack() if not parcel.is_open:
            raise ParcelClosedError
        case Pack(sku, weight_g):
            if (weight := parcel.weight_g + weight_g) > parcel.limit_g:
                raise ParcelTooHeavyError(weight, parcel.limit_g)
            yield ItemPacked(sku, weight_g)
        case Seal() if parcel.is_open:
            yield ParcelSealed()


def evolved(parcel: Parcel, event: ParcelEvent) -> Parcel:
    match event:
        case ParcelStarted(limit_g):
            return Parcel(limit_g=limit_g, is_open=True)
        case ItemPacked(sku, weight_g):
            return evolve(parcel, weight_g=parcel.weight_g + weight_g, skus=(*parcel.skus, sku))
        case ParcelSealed():
            return evolve(parcel, is_open=False)


PARCEL: Decider[ParcelCommand, ParcelEvent, Parcel] = Decider(Parcel(), decide, evolved)
