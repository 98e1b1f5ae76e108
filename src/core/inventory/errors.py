"""How reserving can be refused."""

from collections.abc import Iterable

from ..kernel import BusinessRuleError, ConflictError, NotFoundError
from .ids import ReservationId


class StockNotFoundError(NotFoundError):
    """No warehouse has ever had any of this SKU."""

    def __init__(self, sku: str) -> None:
        super().__init__("There is no such SKU in any warehouse.", sku=sku)


class NoSuchPlaceError(NotFoundError):
    """No warehouse, or no SKU, can have that name."""

    def __init__(self) -> None:
        super().__init__(
            "The names of a warehouse and of a SKU are 1-64 letters A-Z, digits, points, hyphens and underscores."
        )


class ReservationNotFoundError(NotFoundError):
    """There is no such reservation."""

    def __init__(self, reservation_id: ReservationId) -> None:
        super().__init__("There is no such reservation.", reservation_id=reservation_id)


class InsufficientStockError(BusinessRuleError):
    """
    More was wanted than is available, or less was to be on hand than is reserved.

    Args:
        skus: Of which there is too little.
    """

    code = "insufficient_stock"

    def __init__(self, skus: Iterable[str]) -> None:
        self.skus = tuple(skus)
        super().__init__(f"There is not enough stock of {', '.join(self.skus)}.", skus=list(self.skus))


class InvalidReservationTransitionError(BusinessRuleError):
    """The reservation's state does not allow this."""

    code = "invalid_state_transition"

    def __init__(self, reservation_id: ReservationId, status: str, wanted: str) -> None:
        super().__init__(
            f"A reservation that is {status} cannot become {wanted}.", reservation_id=reservation_id
        )


class ReservationIdReusedError(ConflictError):
    """Something else was reserved under that id."""

    def __init__(self, reservation_id: ReservationId) -> None:
        super().__init__("Another reservation is known by that id.", reservation_id=reservation_id)
