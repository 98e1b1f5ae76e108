"""The report on payments: a page for people, or a table for their spreadsheets, written as it is read."""

import csv
from collections.abc import AsyncIterator
from io import StringIO
from typing import Annotated, Any

from litestar import Litestar, MediaType, Request, Response, get
from litestar.datastructures import ResponseHeader
from litestar.exceptions import HTTPException
from litestar.response import Stream
from litestar.response.base import ASGIResponse

from ...core.kernel import Permission
from ...core.payments import Payment, PaymentFilter, PaymentReport, PaymentStatus
from .access import allowed_to
from .documentation import refusals
from .negotiation import weight_of, weights
from .queries import FromDate, QueryReading, ToDate, query
from .report_page import report_page
from .requests import ApiRequest

COLUMNS = (
    "id",
    "created_at",
    "status",
    "amount",
    "currency",
    "customer_id",
    "card_id",
    "card_brand",
    "card_last4",
    "description",
)

_CSV = "text/csv"
_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")  # the last four are the first in full width
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


class _Stream(Stream):
    """Is of its own form, whichever its route has."""

    def to_asgi_response(
        self, app: Litestar | None, request: Request[Any, Any, Any], **given: Any
    ) -> ASGIResponse:
        return super().to_asgi_response(app, request, **given | {"media_type": self.media_type})


class NotAcceptableError(HTTPException):
    """The caller takes none of the forms that there are."""

    status_code = 406


def _header(name: str, description: str) -> ResponseHeader:
    return ResponseHeader(name=name, value="", description=description, documentation_only=True)


@get(
    "/payments/report",
    access=allowed_to(Permission.PAYMENTS_REPORT),
    summary="Report on payments",
    tags=["payments"],
    media_type=MediaType.HTML,
    response_description="The report, to be read or printed; or its payments as CSV.",
    response_headers=[
        _header("Content-Security-Policy", "Of the page: it loads nothing, and runs nothing."),
        _header("X-Content-Type-Options", "`nosniff`."),
        _header("Content-Disposition", "Of the table: under which name it is kept."),
    ],
    example="<!doctype html>…",
    other_forms={_CSV: f"{','.join(COLUMNS)}\r\n"},
    responses=refusals(406),
)
async def report_payments(
    request: ApiRequest,
    from_date: FromDate = None,
    to_date: ToDate = None,
    status: Annotated[str | None, query("Only those in this state.", enum=list(PaymentStatus))] = None,
) -> Response[str]:
    """
    Report on payments: totals by status and currency, and each payment, newest first.

    As a page, or as a table for who accepts `text/csv` rather than `text/html`. A cell of the table that starts as
    formulas do has a `'` before it. It is sent as it is read: should that fail halfway, the connection is cut.
    """
    as_table = _prefers_table(request)
    reading = QueryReading()
    days = reading.days(from_date, to_date)
    wanted = PaymentFilter(status=reading.one_of("status", status, PaymentStatus), created=days)
    reading.check()
    report = await request.application.payments.report_payments(request.principal, wanted)
    headers = {"Vary": "Accept", "X-Content-Type-Options": "nosniff"}
    if as_table:
        name = f"payments-{report.at:%Y%m%d-%H%M%S}.csv"
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
        content = _table(report)
    else:
        headers["Content-Security-Policy"] = _POLICY
        content = report_page(report, wanted)
    media_type = _CSV if as_table else MediaType.HTML
    return _Stream(
        content if request.scope["state"]["wants_body"] else (), media_type=media_type, headers=headers
    )  # type: ignore[return-value] # what is streamed is text


def _prefers_table(request: Request[Any, Any, Any]) -> bool:
    """
    Raises:
        NotAcceptableError: the caller wants neither the page nor the table.
    """
    accepted = weights(",".join(request.headers.getall("accept", []))) or weights("*/*")
    page, table = weight_of("text/html", accepted), weight_of(_CSV, accepted)
    if not page and not table:
        raise NotAcceptableError
    return table > page


async def _table(report: PaymentReport) -> AsyncIterator[str]:
    yield _lines([COLUMNS])
    async for page in report.pages():
        yield _lines([_cells(payment) for payment in page])


def _cells(payment: Payment) -> tuple[str, ...]:
    return (
        str(payment.id),
        f"{payment.created_at:%Y-%m-%dT%H:%M:%S.%fZ}",
        payment.status,
        payment.amount.amount_text,
        payment.amount.currency,
        str(payment.customer_id),
        payment.card_id,
        payment.card_brand,
        payment.card_last4,
        payment.description or "",
    )


def _lines(rows: Any) -> str:
    written = StringIO()
    csv.writer(written).writerows([_harmless(cell) for cell in row] for row in rows)
    return written.getvalue()


def _harmless(cell: str) -> str:
    """
    The cell as text, to whatever spreadsheet opens it.

    Source: OWASP, CSV Injection.
    """
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


ROUTES = (report_payments,)
