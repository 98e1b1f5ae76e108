"""How an order can be refused."""

from ..kernel import BusinessRuleError, NotFoundError
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
