"""What is sent and answered about products."""

from typing import Annotated, Any

from pydantic import Field

from ...core.catalogue import Product, ProductChange, ProductRequest
from ...core.kernel.validation import Form
from ..composition import Application
from .answer_models import AnswerModel, told
from .idempotency_keys import KeyedRequest
from .lists import ListResponse
from .models import Amount, RequestModel
from .resources import Resource

_NUMBER: dict[str, Any] = {"oneOf": None, "type": ["string", "number"], "pattern": r"^\d+(\.\d+)?$"}
_NAME_LENGTH: dict[str, Any] = {"minLength": 3, "maxLength": 100}
_MAX_DISCOUNT = "The most that `discount_percentage` may be."


def _price(**more: Any) -> Any:
    return Field(
        description="0.01-999,999.99, read exactly, with no more decimals than the currency has.",
        examples=["19.99"],
        json_schema_extra=_NUMBER,
        **more,
    )


def _percentage(description: str, **more: Any) -> Any:
    return Field(description=description, json_schema_extra=_NUMBER, **more)


class AddProductRequest(KeyedRequest):
    """A product that is to be sold."""

    sku: str = Field(
        description="What it is known by, for ever.",
        examples=["TEAPOT-1"],
        json_schema_extra={"pattern": r"^[A-Za-z0-9._-]{1,64}$"},
    )
    name: str = Field(examples=["A teapot"], json_schema_extra=_NAME_LENGTH)
    price: Amount = _price()
    currency: str = Field(description="ISO 4217.", examples=["GBP"])
    discount_percentage: Amount = _percentage("Taken off its price wherever it is sold.", default=0)
    max_discount: Amount = _percentage(_MAX_DISCOUNT, default=100)
    active: bool = Field(default=True, description="Whether it is sold at all.")

    @classmethod
    def rules(cls, application: Application) -> Form:
        return application.catalogue.add_product.rules

    def to_domain(self) -> ProductRequest:
        return ProductRequest(
            sku=self.sku,
            name=self.name,
            price=self.price,
            currency=self.currency,
            discount_percentage=self.discount_percentage,
            max_discount=self.max_discount,
            active=self.active,
        )


class ChangeProductRequest(RequestModel):
    """What is to be otherwise of a product; what is left out stays as it is."""

    name: str = Field(default_factory=str, examples=["A teapot"], json_schema_extra=_NAME_LENGTH)
    price: Amount = _price(default_factory=str)
    currency: str = Field(default_factory=str, description="ISO 4217.", examples=["GBP"])
    discount_percentage: Amount = _percentage("Taken off its price wherever it is sold.", default_factory=str)
    max_discount: Amount = _percentage(_MAX_DISCOUNT, default_factory=str)
    active: bool = Field(default_factory=bool, description="Whether it is sold at all.")

    @classmethod
    def rules(cls, application: Application) -> Form:
        return application.catalogue.change_product.rules

    def to_domain(self) -> ProductChange:
        return ProductChange(**{name: getattr(self, name) for name in self.model_fields_set})


class ProductResponse(Resource, AnswerModel, kw_only=True):
    """A product."""

    sku: str
    name: str
    price: Annotated[str, told("With exactly the decimals of its currency; of one, before any discount.")]
    currency: str
    discount_percentage: Annotated[str, told("Taken off its price wherever it is sold.")]
    max_discount: Annotated[str, told(_MAX_DISCOUNT)]
    active: Annotated[bool, told("Whether it is sold at all.")]
    version: Annotated[int, told("Another one after each change; what `ETag` is made of.")]

    @classmethod
    def example(cls) -> "ProductResponse":
        return cls(
            sku="TEAPOT-1",
            name="A teapot",
            price="19.99",
            currency="GBP",
            discount_percentage="12.5",
            max_discount="50",
            active=True,
            version=1,
        )

    @classmethod
    def of(cls, product: Product) -> "ProductResponse":
        return cls(
            sku=product.sku,
            name=product.name,
            price=product.price.amount_text,
            currency=product.price.currency,
            discount_percentage=product.discount_percentage.value_text,
            max_discount=product.max_discount.value_text,
            active=product.active,
            version=product.version,
        )


class ProductListResponse(ListResponse[ProductResponse]):
    """One page of products, newest first."""

    data: list[ProductResponse]  # said again for the API's description, which follows no type variable

    @classmethod
    def example(cls) -> "ProductListResponse":
        return cls.only(ProductResponse.example())
