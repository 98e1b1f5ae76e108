"""Where settings come from: command line, environment, `.env`, TOML files, defaults, in this order."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path

from attrs import frozen
from pydantic import ValidationError
from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource, TomlConfigSettingsSource

from ...core.kernel import FieldError, ValidationFailedError
from .model import PREFIX, Settings

_LOWERED_PREFIX = PREFIX.lower()
_OF_THE_TEST_SUITE = "test_"


class SettingsError(ValidationFailedError):
    """The process cannot start with these settings; names each of them and the rule, and never a value."""

    code = "settings_invalid"


@frozen
class LoadedSettings:
    """
    The settings in effect, and where each came from.

    Args:
        sources: By setting: ``command line``, ``environment``, ``.env`` or a file's name; what is missing is a default.
    """

    settings: Settings
    sources: Mapping[str, str]


@frozen
class _Source:
    name: str
    values: Mapping[str, object]


def load_settings(**command_line: object) -> LoadedSettings:
    """
    Read the settings of a process whose working directory may hold ``.env`` and ``quayside[.<environment>].toml``.

    Args:
        command_line: Settings given there; None is not given.

    Raises:
        SettingsError: a setting is unknown or breaks a rule, or a file cannot be read; names all of them.
    """
    given = {name: value for name, value in command_line.items() if value is not None}
    sources = list(_read(given))
    unknown = [error for source in sources for error in _unknown(source)]
    values: dict[str, object] = {}
    origins: dict[str, str] = {}
    for source in reversed(sources):
        known = {name: value for name, value in source.values.items() if name in Settings.model_fields}
        values |= known
        origins |= dict.fromkeys(known, source.name)
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError([*unknown, *_broken(error, origins)]) from None
    if unknown:
        raise SettingsError(unknown)
    return LoadedSettings(settings, origins)


def _read(command_line: Mapping[str, object]) -> Iterator[_Source]:
    """Every source, the one that counts most first."""
    first = [_Source("command line", command_line), _environment(), _dotenv()]
    general = _toml("quayside.toml")
    named = [source.values["environment"] for source in (*first, general) if "environment" in source.values]
    environment = named[0] if named else Settings.model_fields["environment"].default
    yield from first
    yield _toml_of(str(environment).lower())
    yield general


def _environment() -> _Source:
    return _Source("environment", _variables(EnvSettingsSource(Settings)))


def _dotenv() -> _Source:
    with _readable(".env"):
        return _Source(".env", _variables(DotEnvSettingsSource(Settings, env_file=".env")))


def _variables(source: EnvSettingsSource) -> dict[str, object]:
    return {
        name: value
        for variable, value in source.env_vars.items()
        if (name := variable.removeprefix(_LOWERED_PREFIX)) != variable
        and not name.startswith(_OF_THE_TEST_SUITE)
    }


def _toml(file: str) -> _Source:
    with _readable(file):
        return _Source(file, TomlConfigSettingsSource(Settings, Path(file)).toml_data)


def _toml_of(environment: str) -> _Source:
    source = _toml(f"quayside.{environment}.toml")
    if "environment" in source.values:
        rule = f"cannot be set in {source.name}, which is read because of it"
        raise SettingsError([FieldError(_variable("environment"), rule, "misplaced")])
    return source


@contextmanager
def _readable(file: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SettingsError([FieldError(file, f"cannot be read: {reason}", "unreadable")]) from error


def _unknown(source: _Source) -> Iterator[FieldError]:
    for name in sorted(source.values.keys() - Settings.model_fields.keys()):
        close = get_close_matches(name.lower(), Settings.model_fields, n=1)
        hint = f"; did you mean {_variable(close[0])}?" if close else ""
        yield FieldError(_variable(name), f"there is no such setting (in {source.name}){hint}", "unknown")


def _broken(error: ValidationError, origins: Mapping[str, str]) -> Iterator[FieldError]:
    for broken in error.errors(include_input=False, include_url=False):
        match broken["type"]:
            case "inconsistent":
                rules = broken["ctx"]["broken"]
            case "default_factory_not_called":  # what it builds on is broken, and told
                rules = []
            case _:
                name, *within = map(str, broken["loc"])
                # Of a list of texts it is said by the message which one; of tables there is more to find.
                where = f"{'.'.join(within)}: " if len(within) > 1 else ""
                rules = [(name, where + broken["msg"])]
        for name, rule in rules:
            origin = f" (from {origins[name]})" if name in origins else ""
            yield FieldError(_variable(name), rule + origin, broken["type"])


def _variable(name: str) -> str:
    return PREFIX + name.upper()
