"""`quayside payments import`."""

import asyncio
from pathlib import Path
from uuid import UUID

import rich_click as click
from attrs import define

from ...core.payments import PaymentId
from ..api.errors import Refusal, refusal_of
from ..api.exact_json import JsonObject
from ..api.payment_models import CreatePaymentRequest, PaymentResponse, status_of
from ..composition import composed
from ..settings import Settings
from .import_rows import ADDRESS_COLUMNS, CARD_COLUMNS, RowForm, columns_of
from .importing import Done, Import, ImportSummary, import_options, results_of, shown_progress
from .output import json_option
from .start import start
from .users import found_user

FORM = RowForm(
    "payment",
    columns=(
        "amount",
        "currency",
        "card_id",
        "customer_id",
        "description",
        "metadata",
        "capture",
        "idempotency_key",
        *columns_of("address_details", *ADDRESS_COLUMNS),
        *columns_of("paying_card_details", *CARD_COLUMNS),
    ),
    integers=frozenset(columns_of("paying_card_details", "expiry_month", "expiry_year")),
    truths=frozenset({"capture"}),
    in_json=frozenset({"metadata"}),
)


@define
class PaymentImport(Import):
    """Takes the payments of files."""

    form = FORM
    kind = ""

    async def do(self, sent: JsonObject, operation_id: UUID) -> Done:
        request = CreatePaymentRequest.read(sent, self.application).to_domain()
        payment = await self.application.payments.process_payment(
            request, payment_id=PaymentId(operation_id), created_by=self.created_by
        )
        return Done(status_of(payment), payment=PaymentResponse.of(payment))

    def refusal(self, error: Exception, operation_id: UUID) -> Refusal:
        return refusal_of(error, operation_id)


@click.command("import")
@import_options
@click.option(
    "--as", "who", help="Whose payments they are: a username, an e-mail address or an id; else nobody's."
)
@json_option
@click.pass_context
def import_payments(  # noqa: PLR0913 - an option each
    context: click.Context,
    *,
    file: Path,
    who: str | None,
    name: str | None,
    results: Path | None,
    as_json: bool,
) -> None:
    """
    Take every payment of a FILE of CSV or JSON lines.

    The same command again goes on where it was left, and does nothing twice.
    """
    results = results_of(file, results)
    summary = asyncio.run(_imported(start(), file, who, name or file.name, results))
    summary.end(context, as_json=as_json)


async def _imported(
    settings: Settings, file: Path, who: str | None, name: str, results: Path
) -> ImportSummary:
    async with composed(settings) as application:
        created_by = (await found_user(application, who)).id if who else None
        with shown_progress(file) as tell:
            return await PaymentImport(application, name, created_by, tell)(file, results)
