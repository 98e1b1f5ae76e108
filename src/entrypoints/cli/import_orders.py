"""`quayside orders import`."""

import asyncio
from pathlib import Path
from uuid import UUID

import msgspec
import rich_click as click
from attrs import define, field

from ...core.identity import SessionId, principal_of
from ...core.kernel import Principal
from ...core.ordering import OrderId
from ..api.errors import Refusal, refusal_of
from ..api.exact_json import JsonObject
from ..api.order_models import OrderResponse, PlaceOrderRequest
from ..composition import composed
from ..settings import Settings
from .import_rows import ADDRESS_COLUMNS, CARD_COLUMNS, RowForm, columns_of
from .importing import Done, Import, ImportSummary, import_options, results_of, shown_progress
from .output import json_option
from .start import start
from .users import found_user

_CARD = "payment.paying_card_details"
_PLACED = 202

FORM = RowForm(
    "order",
    columns=(
        "customer_id",
        "items",
        "discount_percentage",
        "idempotency_key",
        *columns_of("delivery_address", *ADDRESS_COLUMNS),
        "payment.card_id",
        *columns_of(_CARD, *CARD_COLUMNS),
    ),
    integers=frozenset(columns_of(_CARD, "expiry_month", "expiry_year")),
    in_json=frozenset({"items"}),
)


@define
class OrderImport(Import):
    """
    Places the orders of files.

    Args:
        principal: Who orders.
    """

    form = FORM
    kind = "order\n"
    principal: Principal = field(kw_only=True)

    async def do(self, sent: JsonObject, operation_id: UUID) -> Done:
        request = PlaceOrderRequest.read(sent, self.application).to_domain()
        order = await self.application.orders.place_order(
            self.principal, request, order_id=OrderId(operation_id)
        )
        # Results outlive who is erased, and say of no order where it went.
        return Done(_PLACED, order=msgspec.structs.replace(OrderResponse.of(order), delivery_address=None))

    def refusal(self, error: Exception, operation_id: UUID) -> Refusal:  # noqa: ARG002 - no payment was begun
        return refusal_of(error)


@click.command("import")
@import_options
@click.option("--as", "who", required=True, help="Who orders: a username, an e-mail address or an id.")
@json_option
@click.pass_context
def import_orders(  # noqa: PLR0913 - an option each
    context: click.Context, *, file: Path, who: str, name: str | None, results: Path | None, as_json: bool
) -> None:
    """
    Place every order of a FILE of CSV or JSON lines.

    The same command again goes on where it was left, and does nothing twice. Whether an order is paid and confirmed is
    found out afterwards, by whoever works.
    """
    results = results_of(file, results)
    summary = asyncio.run(_imported(start(), file, who, name or file.name, results))
    summary.end(context, as_json=as_json)


async def _imported(settings: Settings, file: Path, who: str, name: str, results: Path) -> ImportSummary:
    async with composed(settings) as application:
        user = await found_user(application, who)
        principal = principal_of(user, SessionId(application.new_id()))
        with shown_progress(file) as tell:
            placing = OrderImport(application, name, user.id, tell, principal=principal)
            return await placing(file, results)
