"""No card number and no secret is left in what is masked."""

import re
from datetime import UTC, datetime
from time import process_time
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quayside.adapters.telemetry.masking import MASK, mask, mask_text
from quayside.core.kernel import Secret
from quayside.core.payments import passes_luhn

SECRET_NAMES = [
    "password",
    "cvv",
    "cvc",
    "token",
    "secret",
    "authorization",
    "cookie",
    "card_number",
    "api-key",
]


def with_check_digit(digits: str) -> str:
    return next(digits + check for check in "0123456789" if passes_luhn(digits + check))


bare_card_numbers = st.text("0123456789", min_size=11, max_size=18).map(with_check_digit)


@st.composite
def card_numbers(draw: st.DrawFn) -> str:
    """As people write them: in groups, with spaces or dashes between."""
    digits = draw(bare_card_numbers)
    gap = draw(st.sampled_from(["", " ", "-", "  ", " - "]))
    size = draw(st.integers(1, 19))
    return gap.join(digits[start : start + size] for start in range(0, len(digits), size))


words = st.text(st.characters(exclude_categories=["Cs", "Nd"]), max_size=20)
leaves = words | st.integers(0, 9_999) | st.none() | st.booleans()


def nested(leaf: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """Data of any shape in which *leaf* stands somewhere."""
    return st.recursive(
        leaf,
        lambda inner: (
            st.builds(
                lambda before, it, after: [*before, it, *after], st.lists(leaves), inner, st.lists(leaves)
            )
            | st.builds(
                lambda others, name, it: others | {name: it}, st.dictionaries(words, leaves), words, inner
            )
            | st.tuples(leaves, inner)
        ),
        max_leaves=3,
    )


@given(data=st.data(), number=card_numbers(), before=words, after=words)
def test_no_card_number_survives_in_any_text_at_any_depth(
    data: st.DataObject, number: str, before: str, after: str
) -> None:
    value = data.draw(nested(st.just(before + number + after)))

    masked = str(mask(value))

    assert number not in masked
    assert re.sub("[ -]", "", number) not in masked


@given(data=st.data(), name=st.sampled_from(SECRET_NAMES), number=st.integers(10**6, 10**9))
def test_nothing_survives_under_the_name_of_a_secret(data: st.DataObject, name: str, number: int) -> None:
    secret = f"s3cr3t{number}"
    hidden = data.draw(nested(st.just(secret)))
    prefix = data.draw(st.sampled_from(["", "card_", "X-", "new"]))
    value = data.draw(nested(st.just({f"{prefix}{name}".upper(): hidden})))

    assert secret not in str(mask(value))


@given(bare_card_numbers.filter(lambda digits: digits[0] != "0"))
def test_a_card_number_kept_as_an_integer_is_masked(digits: str) -> None:
    assert mask({"number": int(digits)}) == {"number": MASK}


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("card 4242424242424242 12/2030", "card *** 12/2030"),
        ("card 4242 4242 4242 4242 123 was read", "card *** 123 was read"),
        ("1 4242-4242-4242-4242", "1 ***"),
        ("4242424242424242 12 2030", "*** 12 2030"),
        ("{'cvv': '123', 'amount': 5}", "{'cvv': ***, 'amount': 5}"),
        ('{"password": "a \\"quoted\\" one", "user": "ada"}', '{"password": ***, "user": "ada"}'),
        ("token=abc&page=2", "token=***&page=2"),
        ("secret: hunter2, retry", "secret: ***, retry"),
        ("password='never closed", "password=***"),
        ("Authorization: Basic YWRhOng=", "Authorization: ***"),
        (
            "[(b'authorization', b'Basic YWRhOng='), (b'host', b'shop')]",
            "[(b'authorization', ***), (b'host', b'shop')]",
        ),
        ("{'password': ['hunter2', {'a': ')]'}], 'amount': 5}", "{'password': ***, 'amount': 5}"),
        ("{'token': SecretStr('hunter2'), 'amount': 5}", "{'token': ***, 'amount': 5}"),
        ('{\n "cookie": [\n  "hunter2"\n ],\n "amount": 5\n}', '{\n "cookie": ***\n "amount": 5\n}'),
        ("password=['never closed, amount=5", "password=***"),
        (r"{'name': '\x804242424242424242'}", r"{'name': '\x80***'}"),
        (r'{"name": "\u00e94242424242424242"}', r'{"name": "\u00e9***"}'),
        ("sent Bearer eyJhbGciOi.x.y", "sent Bearer ***"),
        ("Cookie: session-token=a; theme=b\nAccept: */*", "Cookie: ***\nAccept: */*"),
        (
            "connect postgresql://ada:p@ss/w:rd@db:5432/shop failed",
            "connect postgresql://ada:***@db:5432/shop failed",
        ),
    ],
)
def test_secrets_are_masked_inside_text(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T10:38:08.123456Z",
        "payment 01927164-1234-7123-8123-424242424242 is Completed",
        "00000000-0000-0000-0000-000000000000",
        "00-fecc73c4242424242424242dd77f439e-00f067aa0ba902b7-01",
        "4242****4242",
        "order of 4242424242424241 units",
        "GET /api/v1/payments/{id} 200 in 1.25 ms",
        "postgresql://db:5432/shop",
    ],
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert mask_text(text) == text


def test_what_is_no_json_becomes_masked_text() -> None:
    value = {
        "id": UUID("01927164-1234-7123-8123-424242424242"),
        "at": datetime(2026, 11, 20, tzinfo=UTC),
        "error": ValueError("declined 4242424242424242"),
        "body": b'{"cvv": "123"}',
        "number": Secret("4242424242424242"),
        "headers": [("cookie", "theme=dark"), (b"host", b"shop")],
        "float": 4242424242424242.0,
    }

    assert mask(value) == {
        "id": "01927164-1234-7123-8123-424242424242",
        "at": "2026-11-20 00:00:00+00:00",
        "error": "declined ***",
        "body": '{"cvv": ***}',
        "number": "****",
        "headers": [["cookie", MASK], ["host", "shop"]],
        "float": MASK,
    }


def test_data_that_contains_itself_is_masked_all_the_same() -> None:
    value: dict[str, object] = {"password": "hunter2"}
    value["self"] = value

    assert "hunter2" not in str(mask(value))


@pytest.mark.parametrize(
    "piece",
    [
        "token",
        'token="',
        "://a:",
        "1 ",
        "a-",
        "0123abcd-",
        "cookie ",
        "secret=\\",
        "12345678901 ",
        "token=[",
        "token=('",
        "('token', '",
    ],
)
def test_hostile_text_costs_no_more_than_other_text(piece: str) -> None:
    def cost(size: int) -> float:
        text = piece * (size // len(piece))
        start = process_time()
        mask_text(text)
        return process_time() - start

    # Quadratic work would take 64 times as long for 8 times the text; half a second is above any noise.
    assert any(cost(80_000) < max(0.5, 24 * cost(10_000)) for _ in range(3))
