"""How a request body is read: to the letter, and refused in one answer."""

import json
from collections.abc import AsyncIterator, Iterator

import pytest
from httpx import Response
from structlog.testing import capture_logs

from builders.shop import PAYMENTS, Shop, a_payment_body
from quayside.entrypoints.api import create_app
from quayside.entrypoints.api.edge import Message


def field_errors(response: Response) -> list[tuple[str, str]]:
    return [(error["field"], error["code"]) for error in response.json()["error"]["field_errors"]]


def with_member(name: str, raw_json: str) -> str:
    """A payment as JSON, with one member written literally."""
    return json.dumps(a_payment_body(**{name: "<here>"})).replace('"<here>"', raw_json)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense",
        b'{"amount": NaN}',
        b'{"amount": Infinity}',
        b'{"amount": 01}',
        b'{"a": "\xff"}',
    ],
)
async def test_a_body_that_is_no_json_is_refused_as_a_whole(shop: Shop, body: bytes) -> None:
    response = await shop.pay_with(body)

    assert response.status_code == 400
    assert response.json()["error"]["code"] == "invalid_json"
    assert "field_errors" not in response.json()["error"]


@pytest.mark.parametrize("body", ["[]", "null", '"text"', "3"])
async def test_a_body_that_is_no_object_is_refused(shop: Shop, body: str) -> None:
    response = await shop.pay_with(body)

    assert response.status_code == 400
    assert response.json()["error"]["code"] == "invalid_json"


@pytest.mark.parametrize("depth", [100, 100_000])
async def test_a_body_nested_too_deeply_is_refused(shop: Shop, depth: int) -> None:
    response = await shop.pay_with(with_member("metadata", "[" * depth + "]" * depth))

    assert response.status_code == 400
    assert response.json()["error"]["code"] == "invalid_json"


async def test_a_number_is_never_rounded(shop: Shop) -> None:
    response = await shop.pay_with(with_member("amount", "10000.000000000000000001"))

    assert field_errors(response) == [("amount", "out_of_range")]


@pytest.mark.parametrize("amount", ["19.99", "1999e-2", '"19.99"'])
async def test_an_amount_is_a_string_or_a_number(shop: Shop, amount: str) -> None:
    response = await shop.pay_with(with_member("amount", amount))

    assert response.status_code == 201
    assert response.json()["amount"] == "19.99"


@pytest.mark.parametrize("number", ["9" * 5000, "1e999999999999", "1e-309", "0." + "1" * 100])
async def test_a_number_that_nobody_could_hold_is_an_error_of_its_field(shop: Shop, number: str) -> None:
    with capture_logs() as lines:
        response = await shop.pay_with(with_member("metadata", f'{{"deep": [1, {number}]}}'))

    assert field_errors(response) == [("metadata.deep.1", "out_of_range")]
    assert [(line["event"], line["status"]) for line in lines] == [("request", 400)]


async def test_numbers_in_metadata_come_back_digit_for_digit(shop: Shop) -> None:
    response = await shop.pay_with(
        with_member("metadata", '{"rate":0.1000000000000000000001,"n":12345678901234567890}')
    )

    assert '"metadata":{"rate":0.1000000000000000000001,"n":12345678901234567890}' in response.text


async def test_a_name_given_twice_is_refused_wherever_it_stands(shop: Shop) -> None:
    body = (
        json.dumps(a_payment_body())[:-1]
        + ', "currency": "USD", "metadata": {"a": {"b": 1, "b": 2, "b": 3}}}'
    )

    response = await shop.pay_with(body)

    assert field_errors(response) == [("currency", "repeated_field"), ("metadata.a.b", "repeated_field")]


async def test_names_that_differ_in_their_normalization_only_are_one_name(shop: Shop) -> None:
    response = await shop.pay_with(with_member("metadata", '{"caf\\u00e9": 1, "cafe\\u0301": 2}'))

    assert field_errors(response) == [("metadata.caf\u00e9", "repeated_field")]


async def test_text_is_normalized_and_not_trimmed(shop: Shop) -> None:
    payment = await shop.has_taken(description=" cafe\u0301\r\nbar ")

    assert payment["description"] == " caf\u00e9\nbar "


async def test_a_megabyte_of_combining_marks_costs_no_time(shop: Shop) -> None:
    response = await shop.pay(description="a" + "\u0301\u0327" * 100_000)

    assert field_errors(response) == [("description", "too_long")]


@pytest.mark.parametrize("text", ["a\\u0000b", "a\\u001bb", "a\\ud800b"])
async def test_control_characters_and_lone_surrogates_are_refused(shop: Shop, text: str) -> None:
    response = await shop.pay_with(with_member("description", f'"{text}"'))

    assert field_errors(response) == [("description", "invalid_characters")]


async def test_a_name_that_is_no_text_is_refused_and_shown_escaped(shop: Shop) -> None:
    response = await shop.pay_with(with_member("metadata", '{"\\ud800": 1}')[:-1] + ', "\\udfff": 1}')

    assert field_errors(response) == [
        ("metadata.\\ud800", "invalid_characters"),
        ("\\udfff", "invalid_characters"),
    ]


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1"]
)
async def test_a_body_in_another_form_is_refused_unread(shop: Shop, content_type: str) -> None:
    response = await shop.pay_with(b"not json", content_type=content_type)

    assert response.status_code == 415
    assert response.json()["error"]["code"] == "unsupported_media_type"


async def test_a_body_that_does_not_say_what_it_is_is_refused(shop: Shop) -> None:
    # Else a page of any origin could send one without its browser asking us first.
    response = await shop.client.post(PAYMENTS, content=json.dumps(a_payment_body()))

    assert response.status_code == 415


@pytest.mark.parametrize("content_type", ["application/json; charset=UTF-8", "Application/JSON"])
async def test_the_media_type_is_read_as_media_types_are(shop: Shop, content_type: str) -> None:
    response = await shop.pay_with(json.dumps(a_payment_body()), content_type=content_type)

    assert response.status_code == 201


async def test_a_body_over_one_mebibyte_is_refused(shop: Shop) -> None:
    response = await shop.pay_with(b" " * (1024 * 1024 + 1))

    assert response.status_code == 413
    assert response.json()["error"]["code"] == "payload_too_large"


async def test_a_body_that_does_not_announce_its_size_is_measured_too(shop: Shop) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b" " * 64 * 1024

    response = await shop.client.post(
        PAYMENTS, content=chunks(), headers={"content-type": "application/json"}
    )

    assert response.status_code == 413


async def test_a_body_of_one_mebibyte_is_read(shop: Shop) -> None:
    body = json.dumps(a_payment_body()).encode()

    response = await shop.pay_with(body + b" " * (1024 * 1024 - len(body)))

    assert response.status_code == 201


async def test_a_client_that_hangs_up_halfway_is_no_error_of_ours(shop: Shop) -> None:
    app = create_app(shop.application)
    arriving: Iterator[Message] = iter(
        [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    )

    async def receive() -> Message:
        return next(arriving)

    async def send(_: Message) -> None:
        pass  # as servers do with what nobody is left to read

    headers = [
        (b"authorization", f"Bearer {shop.ada.token}".encode()),
        (b"content-type", b"application/json"),
        (b"content-length", b"100"),
    ]
    with capture_logs() as lines:
        await app({"type": "http", "method": "POST", "path": PAYMENTS, "headers": headers}, receive, send)

    assert [(line["log_level"], line["status"]) for line in lines] == [("info", 499)]
