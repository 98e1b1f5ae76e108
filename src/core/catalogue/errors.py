"""How the catalogue refuses."""

from ..kernel import ConflictError, FieldError, NotFoundError


class ProductNotFoundError(NotFoundError):
    """There is no such product."""

    def __init__(self, sku: str) -> None:
        super().__init__("There is no such product.", sku=sku)


class SkuTakenError(ConflictError):
    """Another product is known by this sku."""

    def __init__(self) -> None:
        self.field_errors = (FieldError("sku", "is taken", "taken"),)
        super().__init__("This sku is taken.")
