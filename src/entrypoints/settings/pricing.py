"""What settings say of prices: texts and tables, read into values of the core."""

import json
from collections.abc import Callable
from datetime import date
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from ...core.kernel import DateRange, Money, Percentage, QuaysideError
from ...core.ordering import AmountOff, BuySomeGetSome, Effect, PercentageOff, Promotion, ShippingRate


def tax_rate(text: str) -> tuple[str, Percentage]:
    """
    The currency and the rate in ``GBP=20``.

    Raises:
        QuaysideError, ValueError: *text* is nothing such.
    """
    currency, rate = text.split("=")
    return Money(0, currency).currency, Percentage(rate)


def shipping_rate(text: str) -> tuple[str, ShippingRate]:
    """
    The currency, what sending costs, and over what it is free, in ``GBP=5.99/50.00``.

    Raises:
        QuaysideError, ValueError: *text* is nothing such.
    """
    currency, amounts = text.split("=")
    cost, free_over = (Money.of(amount, currency) for amount in amounts.split("/"))
    if min(cost.minor, free_over.minor) < 0:
        raise ValueError(text)
    return currency, ShippingRate(cost, free_over)


def _readable(read: Callable[[str], object], example: str) -> AfterValidator:
    def checked(text: str) -> str:
        try:
            read(text)
        except (QuaysideError, ValueError) as error:
            reason = f" ({error.message})" if isinstance(error, QuaysideError) else ""
            raise PydanticCustomError(
                "not_a_rate", "must be such as {example}{reason}", {"example": example, "reason": reason}
            ) from error
        return text

    return AfterValidator(checked)


class PromotionSetting(BaseModel):
    """One promotion, as an operator writes it down."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=100)
    percentage_off: str | None = None
    amount_off: str | None = None
    buy: int | None = None
    free: int | None = None
    skus: tuple[str, ...] | None = None
    minimum_total: str | None = None
    currency: str | None = None
    from_date: date | None = None
    to_date: date | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        try:
            self.to_domain()
        except QuaysideError as error:
            raise ValueError(error.message) from error
        return self

    def to_domain(self) -> Promotion:
        """
        Raises:
            ValueError, QuaysideError: it is none.
        """
        dates = self.from_date, self.to_date
        return Promotion(
            name=self.name,
            effect=self._effect(),
            skus=None if self.skus is None else frozenset(self.skus),
            minimum_total=None if self.minimum_total is None else self._money(self.minimum_total),
            during=DateRange.of_days(*dates) if any(dates) else None,
        )

    def _effect(self) -> Effect:
        match self.percentage_off, self.amount_off, self.buy, self.free:
            case str(percentage), None, None, None:
                return PercentageOff(Percentage(percentage))
            case None, str(amount), None, None:
                return AmountOff(self._money(amount))
            case None, None, int(bought), int(free):
                return BuySomeGetSome(bought, free)
        raise ValueError("takes percentage_off, or amount_off, or buy and free")

    def _money(self, amount: str) -> Money:
        if self.currency is None:
            raise ValueError("an amount takes a currency")
        return Money.of(amount, self.currency)


def _as_json(value: object) -> object:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError as error:
        raise PydanticCustomError("not_json", "must be a list of promotions in JSON") from error


TaxRate = Annotated[str, _readable(tax_rate, "GBP=20")]
ShippingCost = Annotated[str, _readable(shipping_rate, "GBP=5.99/50.00")]
Promotions = Annotated[tuple[PromotionSetting, ...], BeforeValidator(_as_json)]
