"""How an order can be refused."""

from ..kernel import BusinessRuleError, FieldError, NotFoundError
from .ids import OrderId


class OrderNotFoundError(NotFoundError):
    """There is no such order, or none that the caller may see."""

    def __init__(self, order_id: OrderId, *, hidden: bool = False) -> None:
        super().__init__("There is no such order.", hidden=hidden, order_id=order_id)


class OrderTransitionError(BusinessRuleError):
    """The order's state does not allow this."""

    code = "invalid_state_transition"

    def __init__(self, status: str | None, wanted: str) -> None:
        now = f"An order that is {status}" if status else "An order that was never placed"
        super().__init__(f"{now} cannot become {wanted}.")


class CardNotOwnedError(BusinessRuleError):
    """Whoever orders registered no such card."""

    def __init__(self) -> None:
        self.field_errors = (FieldError("payment.card_id", "is no card of yours", "unknown"),)
        super().__init__("The order cannot be paid with this card.")
