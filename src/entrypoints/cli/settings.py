"""`quayside settings`."""

import json
import re

import rich_click as click
from attrs import asdict, frozen
from pydantic import SecretStr

from ...adapters.telemetry.masking import MASK, mask_text
from ..settings import PREFIX, LoadedSettings, Settings, load_settings
from .output import json_option, print_json, print_table

_URL_PASSWORD = re.compile(r"(//[^:/@]*:).*@", re.DOTALL)


@frozen
class EffectiveSetting:
    """
    One setting, as it may be shown.

    Args:
        name: The environment variable that sets it.
        value: With secrets masked; plain JSON data.
        source: ``environment``, ``.env``, the name of a file, or ``default``.
    """

    name: str
    value: object
    source: str


@click.command()
@json_option
def settings(*, as_json: bool) -> None:
    """Show the settings in effect and where each comes from."""
    loaded = load_settings()
    effective = [_effective(loaded, name) for name in Settings.model_fields]
    if as_json:
        print_json([asdict(setting) for setting in effective])
    else:
        print_table(
            ("setting", "value", "source"),
            ((setting.name, _written(setting.value), setting.source) for setting in effective),
        )


def _effective(loaded: LoadedSettings, name: str) -> EffectiveSetting:
    value = getattr(loaded.settings, name)
    if isinstance(value, SecretStr):
        shown = _masked(value.get_secret_value()) if name.endswith("_url") else MASK
    else:
        shown = loaded.settings.model_dump(mode="json", include={name})[name]
    return EffectiveSetting(PREFIX + name.upper(), shown, loaded.sources.get(name, "default"))


def _masked(url: str) -> str:
    """The harmless parts of *url*; its password may hold anything, and ends before an @."""
    return mask_text(_URL_PASSWORD.sub(rf"\1{MASK}@", url))


def _written(value: object) -> str:
    match value:
        case None | []:
            return "-"
        case [str(), *_]:
            return ",".join(map(str, value))
        case list():
            return json.dumps(value)
        case _:
            return str(value)
