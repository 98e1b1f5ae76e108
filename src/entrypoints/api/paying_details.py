"""Who pays with what: an address and a card, as they are sent."""

from pydantic import Field

from ...core.payments import Address, CardDetails, CardNumber, Cvv
from .models import BodyModel


class AddressDetails(BodyModel):
    """A postal address in the United Kingdom. It is kept encrypted."""

    house_number: str = Field(examples=["221B"])
    house_name: str | None = Field(default=None, json_schema_extra={"maxLength": 100})
    address_line1: str = Field(examples=["Baker Street"])
    address_line2: str | None = Field(default=None, json_schema_extra={"maxLength": 200})
    city: str = Field(examples=["London"])
    postcode: str = Field(examples=["NW1 6XE"])

    def to_domain(self) -> Address:
        return Address(**self.model_dump())


class PayingCardDetails(BodyModel):
    """
    A card as its holder typed it. The number and the cvv go to the gateway, and are kept nowhere; the name is kept
    encrypted.
    """

    card_number: str = Field(
        description="12-19 digits, with or without spaces and dashes.",
        examples=["4242424242424242"],
        repr=False,
    )
    expiry_month: int = Field(examples=[12], json_schema_extra={"minimum": 1, "maximum": 12})
    expiry_year: int = Field(description="Four digits.", examples=[2040])
    cvv: str = Field(
        description="Three digits; four on an American Express card.", examples=["123"], repr=False
    )
    cardholder_name: str = Field(examples=["Ada Lovelace"], json_schema_extra={"maxLength": 100}, repr=False)

    def to_domain(self) -> CardDetails:
        return CardDetails(
            card_number=CardNumber(self.card_number),
            expiry_month=self.expiry_month,
            expiry_year=self.expiry_year,
            cvv=Cvv(self.cvv),
            cardholder_name=self.cardholder_name,
        )
