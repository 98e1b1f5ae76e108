"""The report on payments as a page: it needs no script, nothing from elsewhere, and can be printed."""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta
from functools import reduce
from html import escape
from itertools import groupby

from ...core.kernel import DateRange, Money
from ...core.payments import Payment, PaymentFilter, PaymentReport, PaymentStatus, PaymentTotal

_STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif;
  --completed: #1b7f4b; --processing: #1a6fb5; --pending: #b7791f; --failed: #b3261e; --cancelled: #7a7f87 }
body { max-width: 76rem; margin: 0 auto; padding: 2rem 1.25rem 4rem }
header { border-bottom: 3px solid var(--processing); padding-bottom: 0.75rem }
h1 { margin: 0; font-size: 1.9rem } h2 { margin: 2.25rem 0 0.5rem; font-size: 1.2rem }
header p { margin: 0.25rem 0 0; opacity: 0.75 }
.sums { display: flex; flex-wrap: wrap; gap: 1rem; margin: 1.5rem 0 }
.sums div { border: 1px solid #8884; border-radius: 0.5rem; flex: 1 1 14rem; padding: 0.75rem 1rem }
.sums b { display: block; font-size: 1.6rem; font-variant-numeric: tabular-nums }
.sums span { opacity: 0.75 }
svg { display: block; height: auto; margin: 0.5rem 0; max-width: 48rem; width: 100% }
svg text { fill: currentColor; font: 13px system-ui, sans-serif }
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; list-style: none; margin: 0; padding: 0 }
.completed { fill: var(--completed); color: var(--completed) }
.processing { fill: var(--processing); color: var(--processing) }
.pending { fill: var(--pending); color: var(--pending) }
.failed { fill: var(--failed); color: var(--failed) }
.cancelled { fill: var(--cancelled); color: var(--cancelled) }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid #8883; padding: 0.35rem 1rem 0.35rem 0; text-align: left; vertical-align: top }
th { font-size: 0.8em; opacity: 0.75 } tfoot td { font-weight: 600 }
.n { font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap }
.t { white-space: nowrap } .x { overflow-wrap: anywhere } code { font-size: 0.8em; white-space: nowrap }
.wide { overflow-x: auto }
@media print {
  @page { size: A4 landscape; margin: 12mm }
  :root { color-scheme: light; font-size: 9pt } body { max-width: none; padding: 0 } .wide { overflow: visible }
  thead { display: table-header-group } tr { break-inside: avoid } h2 { break-after: avoid }
  code { white-space: normal; overflow-wrap: anywhere }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact }
}
"""
_SHOWN = tuple(PaymentStatus)
_BAR, _LABEL, _ROW = 620, 60, 34  # of the chart, in its own units


async def report_page(report: PaymentReport, wanted: PaymentFilter) -> AsyncIterator[str]:
    """The page, in parts: what it adds up to first, then its payments as they are read."""
    yield _head(report, wanted)
    count = 0
    async for page in report.pages():
        yield "".join(map(_row, page))
        count += len(page)
    nothing = "" if count else '<tr><td colspan="6">There are none.</td></tr>'
    yield f"{nothing}</tbody></table></div></html>\n"


def _head(report: PaymentReport, wanted: PaymentFilter) -> str:
    title = f"Payments, {_period(wanted.created)}"
    by_currency = [
        (currency, list(totals))
        for currency, totals in groupby(report.totals, key=lambda total: total.amount.currency)
    ]
    return "".join(
        (
            '<!doctype html><html lang="en"><meta charset="utf-8">',
            f"<title>{escape(title)}</title>",
            '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">',
            f"<style>{_STYLE}</style>",
            f"<header><h1>Payments</h1><p>{escape(_period(wanted.created))}",
            f" · only {escape(wanted.status)}" if wanted.status else "",
            f" · as of {_moment(report.at)}</p></header>",
            _sums(by_currency) if by_currency else "<p>There are no payments in this report.</p>",
            _chart(by_currency) if by_currency else "",
            _totals(by_currency) if by_currency else "",
            '<h2>Payments, newest first</h2><div class="wide"><table><thead><tr><th>Created<th>Status',
            '<th class="n">Amount<th>Card<th>Description<th>Payment, customer</tr></thead><tbody>\n',
        )
    )


def _sums(by_currency: Iterable[tuple[str, Sequence[PaymentTotal]]]) -> str:
    """What is left of what was taken, a box a currency."""
    boxes = (
        f"<div><span>Taken, less given back</span><b>{_money(_kept(totals))}</b>"
        f"<span>{_counted(sum(total.count for total in totals))}</span></div>"
        for _, totals in by_currency
    )
    return f'<div class="sums">{"".join(boxes)}</div>'


def _chart(by_currency: Sequence[tuple[str, Sequence[PaymentTotal]]]) -> str:
    """A bar a currency: how what was asked for is divided among the states."""
    height = len(by_currency) * _ROW
    bars = "".join(
        f'<text x="0" y="{number * _ROW + 21}">{escape(currency)}</text>{_bar(totals, number * _ROW + 4)}'
        for number, (currency, totals) in enumerate(by_currency)
    )
    present = {total.status for _, totals in by_currency for total in totals}
    legend = "".join(
        f'<li><span class="{status.lower()}" aria-hidden="true">■</span> {status}</li>'
        for status in _SHOWN
        if status in present
    )
    return (
        "<h2>What became of the amounts asked for</h2>"
        f'<svg viewBox="0 0 {_LABEL + _BAR} {height}" role="img" aria-label="Share of each state, by currency">'
        f'{bars}</svg><ul class="legend">{legend}</ul>'
    )


def _bar(totals: Sequence[PaymentTotal], y: int) -> str:
    whole = sum(total.amount.minor for total in totals)
    parts, done = [], 0
    for total in totals:
        x, width = (_LABEL + _BAR * done / whole, _BAR * total.amount.minor / whole)
        share = f"{total.status}: {_money(total.amount)}, {total.amount.minor / whole:.1%}"
        parts.append(
            f'<rect class="{total.status.lower()}" x="{x:.2f}" y="{y}" width="{width:.2f}" height="24">'
            f"<title>{escape(share)}</title></rect>"
        )
        done += total.amount.minor
    return "".join(parts)


def _totals(by_currency: Iterable[tuple[str, Sequence[PaymentTotal]]]) -> str:
    rows = "".join(
        f'<tr><td>{escape(currency)}<td>{_status(total.status)}<td class="n">{total.count:,}'
        f'<td class="n">{_number(total.amount)}<td class="n">{_number(total.captured)}'
        f'<td class="n">{_number(total.refunded)}<td class="n">{_number(total.captured - total.refunded)}</tr>'
        for currency, totals in by_currency
        for total in totals
    )
    return (
        '<h2>By currency and status</h2><div class="wide"><table><thead><tr><th>Currency<th>Status'
        '<th class="n">Payments<th class="n">Asked for<th class="n">Taken<th class="n">Given back'
        f'<th class="n">Kept</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _row(payment: Payment) -> str:
    return (
        f'<tr><td class="t">{payment.created_at:%Y-%m-%d %H:%M:%S}<td>{_status(payment.status)}'
        f'<td class="n">{_money(payment.amount)}'
        f'<td class="x"><span class="t">{escape(payment.card_brand)} ···· {escape(payment.card_last4)}</span><br>'
        f'<bdi>{escape(payment.card_id)}</bdi><td class="x"><bdi>{escape(payment.description or "")}</bdi>'
        f"<td><code>{payment.id}</code><br><code>{payment.customer_id}</code></tr>\n"
    )


def _status(status: PaymentStatus) -> str:
    return f'<span class="t"><span class="{status.lower()}" aria-hidden="true">■</span> {status}</span>'


def _kept(totals: Iterable[PaymentTotal]) -> Money:
    return reduce(Money.__add__, (total.captured - total.refunded for total in totals))


def _money(amount: Money) -> str:
    return f"{_number(amount)} {amount.currency}"


def _number(amount: Money) -> str:
    whole, point, decimals = amount.amount_text.partition(".")
    return f"{int(whole):,}{point}{decimals}"


def _counted(count: int) -> str:
    return f"{count:,} payment{'' if count == 1 else 's'}"


def _period(created: DateRange | None) -> str:
    whole = DateRange.of_days(None, None)
    first = None if created is None or created.start == whole.start else f"{created.start:%Y-%m-%d}"
    # A range ends where the day after its last one begins.
    last = (
        None
        if created is None or created.end == whole.end
        else f"{created.end - timedelta(microseconds=1):%Y-%m-%d}"
    )
    if first and last:
        return first if first == last else f"{first} to {last}"
    if first:
        return f"since {first}"
    return f"until {last}" if last else "all there are"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
