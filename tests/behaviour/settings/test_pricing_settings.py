"""What operators say of prices."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from builders import gbp
from builders.pricing import an_offer, priced
from quayside.entrypoints.composition.pricing import pricing_of
from quayside.entrypoints.settings import SettingsError, load_settings

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "settings.md"
CUP = an_offer("CUP-1")


def refusal() -> str:
    with pytest.raises(SettingsError) as refused:
        load_settings()
    return str(refused.value)


def test_orders_are_priced_as_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUAYSIDE_TAX_RATES", "GBP=20, EUR=19")
    monkeypatch.setenv("QUAYSIDE_SHIPPING_RATES", "GBP=3.00/20.00")
    monkeypatch.setenv("QUAYSIDE_PROMOTIONS", '[{"name": "Five", "amount_off": "5.00", "currency": "GBP"}]')

    pricing = pricing_of(load_settings().settings)

    assert priced((CUP, 1), pricing=pricing).total == gbp("5.00") + gbp("1.00") + gbp("3.00")
    assert priced((CUP, 3), pricing=pricing).total == gbp("25.00") + gbp("5.00")


def test_promotions_are_tables_of_a_file_as_the_reference_shows(folder: Path) -> None:
    shown = re.findall(r"^ {6}(.*)$", REFERENCE.read_text("utf-8"), re.MULTILINE)
    (folder / "quayside.toml").write_text("\n".join(shown))
    assert len(tomllib.loads("\n".join(shown))["promotions"]) == 2

    pricing = pricing_of(load_settings().settings)

    assert priced((CUP, 3), pricing=pricing).discount_total == gbp("10.00")


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("TAX_RATES", "GBP", "must be such as GBP=20"),
        ("TAX_RATES", "GBP=101", "must be such as GBP=20 (A percentage is"),
        ("TAX_RATES", "ABC=1", "must be such as GBP=20 ("),
        ("TAX_RATES", "GBP=1,GBP=2", "must name each currency once"),
        ("SHIPPING_RATES", "GBP=5.99", "must be such as GBP=5.99/50.00"),
        ("SHIPPING_RATES", "GBP=-5.99/50.00", "must be such as GBP=5.99/50.00"),
        ("SHIPPING_RATES", "JPY=5.99/50", "must be such as GBP=5.99/50.00 (An amount in JPY"),
        ("PROMOTIONS", "half price", "must be a list of promotions in JSON"),
    ],
)
def test_what_is_no_rate_stops_the_start(
    name: str, value: str, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"QUAYSIDE_{name}", value)

    assert f"QUAYSIDE_{name}: {rule}" in refusal()


@pytest.mark.parametrize(
    ("promotion", "rule"),
    [
        ({}, "takes percentage_off, or amount_off, or buy and free"),
        ({"percentage_off": "10", "buy": 1, "free": 1}, "takes percentage_off"),
        ({"buy": 2}, "takes percentage_off"),
        ({"percentage_off": "101"}, "A percentage is"),
        ({"amount_off": "1.00"}, "an amount takes a currency"),
        ({"amount_off": "0.00", "currency": "GBP"}, "An amount to take off is more than nothing."),
        ({"buy": 0, "free": 1}, "At least one is bought"),
        ({"percentage_off": "1", "from_date": "2026-02-02", "to_date": "2026-02-01"}, "ends after"),
        ({"percentage_off": "1", "percent": "2"}, "0.percent: Extra inputs"),
    ],
)
def test_what_is_no_promotion_stops_the_start(
    promotion: dict[str, Any], rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUAYSIDE_PROMOTIONS", json.dumps([{"name": "Sale"} | promotion]))

    message = refusal()

    assert "QUAYSIDE_PROMOTIONS: " in message
    assert rule in message
