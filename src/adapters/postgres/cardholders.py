"""Cardholders in PostgreSQL, encrypted."""

from collections.abc import Mapping
from uuid import UUID

import msgspec
from attrs import frozen

from ...core.kernel import CustomerId, FieldCipher, FieldPlace
from ...core.payments import Address, Cardholder, PaymentId
from .connection import Connection
from .field_rotation import SealedTable
from .queries import named_queries

_SQL = named_queries("cardholders")
_FIELDS = ("name", "address")
SEALED_CARDHOLDERS = SealedTable(
    "payment_cardholder",
    _FIELDS,
    count_outdated=_SQL["count_outdated"],
    lock_outdated=_SQL["lock_outdated"],
    replace=_SQL["replace"],
)


ADD_CARDHOLDER = _SQL["add"]
"""Written beside the append of a new payment, with the parameters of `sealed_holder` and the payment's own."""


def sealed_holder(cipher: FieldCipher, payment_id: PaymentId, holder: Cardholder) -> Mapping[str, object]:
    """The parameters of `ADD_CARDHOLDER`."""
    name, address = holder.name, holder.address
    return {
        "holder_name": None if name is None else cipher.seal(name.encode(), _place(payment_id, "name")),
        "holder_address": None
        if address is None
        else cipher.seal(msgspec.json.encode(address), _place(payment_id, "address")),
    }


@frozen
class PostgresCardholderRepository:
    """Rows of ``payment_cardholder``, on a connection whose transaction the caller owns."""

    _connection: Connection
    _cipher: FieldCipher

    async def find(self, payment_id: PaymentId) -> Cardholder | None:
        cursor = await self._connection.execute(_SQL["find"], {"payment_id": payment_id})
        row = await cursor.fetchone()
        if row is None:
            return None
        plain = {
            name: None if row[name] is None else self._cipher.open(row[name], _place(payment_id, name))
            for name in _FIELDS
        }
        name, address = plain["name"], plain["address"]
        return Cardholder(
            name=None if name is None else name.decode(),
            address=None if address is None else msgspec.json.decode(address, type=Address),
        )

    async def erase_of(self, customer_id: CustomerId) -> None:
        await self._connection.execute(_SQL["erase_of"], {"customer_id": customer_id})


def _place(payment_id: UUID, name: str) -> FieldPlace:
    return FieldPlace(SEALED_CARDHOLDERS.name, payment_id, name)
