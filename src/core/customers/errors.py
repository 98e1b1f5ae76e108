"""How this context refuses."""

from ..kernel import CustomerId, NotFoundError


class CustomerNotFoundError(NotFoundError):
    """There is no such customer, not any more, or none that the caller may see."""

    def __init__(self, customer_id: CustomerId, *, hidden: bool = False) -> None:
        super().__init__("There is no such customer.", hidden=hidden, customer_id=customer_id)
