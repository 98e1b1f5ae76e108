"""GET /payments/report: a page for people, or a table for their spreadsheets."""

import csv
from html.parser import HTMLParser
from io import StringIO
from typing import Any

import pytest
from httpx import Response

from builders.members import Member
from builders.payments import DECLINED
from builders.shop import PAYMENTS, Shop, a_payment_body
from quayside.core.identity import Role
from quayside.entrypoints.api.payment_report import COLUMNS

REPORT = f"{PAYMENTS}/report"


@pytest.fixture
async def staff(shop: Shop) -> Member:
    return await shop.member(Role.STAFF)


async def report(member: Member, accept: str = "text/html", **query: str) -> Response:
    return await member.client.get(REPORT, params=query, headers={"accept": accept})


async def table(member: Member, **query: str) -> list[dict[str, str]]:
    response = await report(member, "text/csv", **query)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(StringIO(response.text, newline="")))


class Reading(HTMLParser):
    """The text of a page, and the names of its elements."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self.elements: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.elements.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


async def test_the_table_has_the_columns_and_everyones_payments_newest_first(
    shop: Shop, staff: Member
) -> None:
    first = await shop.has_taken("1234.50", currency="EUR", description="Two tickets\nand a coat")
    second = (await shop.pay(DECLINED)).json()["error"]["payment_id"]

    found = await table(staff)

    assert [each["id"] for each in found] == [second, first["id"]]
    assert tuple(found[1]) == COLUMNS
    assert found[1] == {name: first[name] for name in COLUMNS} | {
        "created_at": first["created_at"].replace("Z", ".000000Z")
    }
    assert found[0]["status"] == "Failed"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\n", "\uff1d"])
async def test_no_cell_starts_as_a_formula_does(shop: Shop, staff: Member, start: str) -> None:
    text = f'{start}HYPERLINK("http://evil.example")'
    await shop.has_taken(description=text, card_id=f"{start}1" if start.isprintable() else "x")

    (found,) = await table(staff)

    assert found["description"] == f"'{text}"
    assert found["card_id"] == (f"'{start}1" if start.isprintable() else "x")


async def test_nothing_that_was_sent_becomes_part_of_the_page(shop: Shop, staff: Member) -> None:
    evil = "</td><script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;"
    await shop.has_taken(description=evil, card_id="<b>card</b>")

    page = Reading((await report(staff)).text)

    assert evil in page.text
    assert "<b>card</b>" in page.text
    assert not {"script", "img"} & set(page.elements)


async def test_the_page_adds_up_by_currency_and_status(shop: Shop, staff: Member) -> None:
    for amount in ("1000.00", "234.50"):
        await shop.has_taken(amount)
    taken = await shop.has_taken("5.00", currency="EUR")
    await staff.client.post(f"{PAYMENTS}/{taken['id']}/refunds", json={"amount": "2.00"})
    await shop.pay(DECLINED)

    response = await report(staff)
    text = Reading(response.text).text

    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "script-src" not in response.headers["content-security-policy"]
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert "1,234.50 GBP3 payments" in text
    assert "3.00 EUR1 payment" in text
    assert "GBP■ Completed21,234.501,234.500.001,234.50" in text
    assert "GBP■ Failed119.990.000.000.00" in text
    assert "EUR■ Completed15.005.002.003.00" in text
    assert response.text.count("<rect") == 3
    assert response.text.endswith("</html>\n")


async def test_it_is_narrowed_by_status_and_time(shop: Shop, staff: Member) -> None:
    await shop.has_taken()
    await shop.pay(DECLINED)

    assert [each["status"] for each in await table(staff, status="Failed")] == ["Failed"]
    assert len(await table(staff, from_date="2026-11-20", to_date="2026-11-20")) == 2
    assert await table(staff, to_date="2026-11-19") == []
    page = Reading((await report(staff, to_date="2026-11-19", status="Failed")).text).text
    assert "until 2026-11-19 · only Failed" in page
    assert "There are no payments in this report." in page


async def test_it_has_more_payments_than_are_read_at_once(shop: Shop, staff: Member) -> None:
    asked = {"payments": [a_payment_body()] * 203}
    answer = (await shop.client.post(f"{PAYMENTS}/batch", json=asked)).json()
    taken = {each["payment"]["id"] for each in answer["results"]}

    found = await table(staff)
    page = (await report(staff)).text

    assert len(taken) == len(found) == 203
    assert {each["id"] for each in found} == taken
    assert all(each in page for each in taken)


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("*/*", "text/html"),
        ("", "text/html"),
        ("text/*", "text/html"),
        ("text/csv, text/html", "text/html"),
        ("text/html;q=0.5, text/csv", "text/csv"),
        ("text/csv, */*;q=0.1", "text/csv"),
    ],
)
async def test_the_form_is_what_the_caller_would_rather_have(staff: Member, accept: str, form: str) -> None:
    response = await report(staff, accept)

    assert response.headers["content-type"].startswith(form)
    assert "accept" in response.headers["vary"].lower()


@pytest.mark.parametrize("accept", ["application/json", "text/html;q=0, text/csv;q=0", "image/*"])
async def test_who_takes_neither_form_is_told(staff: Member, accept: str) -> None:
    response = await report(staff, accept)

    assert response.status_code == 406
    assert response.json()["error"]["code"] == "not_acceptable"


async def test_all_that_is_wrong_with_the_query_is_told(staff: Member) -> None:
    response = await report(staff, from_date="x", to_date="y", status="Lost")

    assert response.status_code == 400
    assert {each["field"] for each in response.json()["error"]["field_errors"]} == {
        "from_date",
        "to_date",
        "status",
    }


async def test_its_head_is_told_without_reading_it(shop: Shop, staff: Member) -> None:
    await shop.has_taken()

    response = await staff.client.head(REPORT)

    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "etag" not in response.headers


async def test_whoever_may_not_have_reports_gets_none(shop: Shop) -> None:
    assert (await report(shop.ada)).status_code == 403
