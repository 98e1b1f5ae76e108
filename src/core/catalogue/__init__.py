"""The catalogue: what is sold, and at what price."""

from .entities import Product
from .errors import ProductNotFoundError, SkuTakenError
from .events import EVENTS, ProductAdded, ProductChanged, ProductPriceChanged
from .ids import ProductId
from .ports import (
    Begin,
    ProductFilter,
    ProductQueries,
    ProductRepository,
    Transaction,
    folded,
    searched_text,
)
from .requests import ProductChange, ProductRequest
from .rules import change_form, product_form
from .use_cases.adding import AddProduct
from .use_cases.changing import ChangeProduct
from .use_cases.looking_back import FindPrice

__all__ = [
    "EVENTS",
    "AddProduct",
    "Begin",
    "ChangeProduct",
    "FindPrice",
    "Product",
    "ProductAdded",
    "ProductChange",
    "ProductChanged",
    "ProductFilter",
    "ProductId",
    "ProductNotFoundError",
    "ProductPriceChanged",
    "ProductQueries",
    "ProductRepository",
    "ProductRequest",
    "SkuTakenError",
    "Transaction",
    "change_form",
    "folded",
    "product_form",
    "searched_text",
]
