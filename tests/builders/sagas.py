"""A saga of no context: a trip of a flight, a hotel and a car, of which the car needs no undoing."""

from datetime import timedelta

from attrs import frozen

from quayside.core.eventlog import Event, RetryTerms
from quayside.core.fulfilment import SagaPlan, Step
from quayside.core.kernel import Backoff


@frozen
class FlightRequested(Event):
    """A seat is to be booked."""


@frozen
class FlightReturnRequested(Event):
    """The seat is to be given back."""


@frozen
class HotelRequested(Event):
    """A room is to be booked."""


@frozen
class HotelReturnRequested(Event):
    """The room is to be given back."""


@frozen
class CarRequested(Event):
    """A car is to be asked for."""


TRIP = SagaPlan(
    category="trip",
    steps=(
        Step(
            name="flight",
            request=FlightRequested,
            undo=FlightReturnRequested,
            timeout=timedelta(seconds=30),
            unavailable="no_airline",
        ),
        Step(
            name="hotel",
            request=HotelRequested,
            undo=HotelReturnRequested,
            timeout=timedelta(seconds=20),
        ),
        Step(name="car", request=CarRequested, timeout=timedelta(seconds=10)),
    ),
    deadline=timedelta(seconds=50),
    backoff=Backoff(first_s=2, most_s=4),
    undoing=RetryTerms(most_attempts=3, backoff=Backoff(first_s=2, most_s=4)),
)
