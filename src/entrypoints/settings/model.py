"""Every setting: what it means, its unit, its limits, its default."""

from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from ...core.kernel import Money, QuaysideError

PREFIX = "QUAYSIDE_"


def _postgresql_url(url: SecretStr) -> SecretStr:
    if urlsplit(url.get_secret_value()).scheme not in {"postgresql", "postgres"}:
        raise PydanticCustomError("not_postgresql", "must start with postgresql://")
    return url


def _codes(value: object) -> object:
    return [code.strip() for code in value.split(",")] if isinstance(value, str) else value


def _known_currency(code: str) -> str:
    try:
        Money.from_minor(0, code)
    except QuaysideError as error:
        raise PydanticCustomError(
            "unknown_currency", "{currency}: {reason}", {"currency": code, "reason": error.message}
        ) from error
    return code


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


Port = Annotated[int, Field(ge=0, le=65_535)]
PoolSize = Annotated[int, Field(ge=1, le=1_000)]
Seconds = Annotated[int, Field(ge=1, le=3_600)]
Currency = Annotated[str, AfterValidator(_known_currency)]
Lower = BeforeValidator(_lower)


class Settings(BaseSettings):
    """
    What an operator decides about a process of quayside.

    A setting is the variable ``QUAYSIDE_<NAME>``, or ``<name>`` in a TOML file; `load_settings` reads them. Made
    directly, as in a test, this takes what it is given and the defaults, whatever the environment holds.
    """

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="forbid", frozen=True, use_attribute_docstrings=True
    )

    environment: Annotated[Literal["development", "production"], Lower] = "development"
    """`development`, or `production`, which takes nothing for granted that is only good for trying things out."""

    host: Annotated[str, StringConstraints(min_length=1)] = "127.0.0.1"
    """Address to listen on; `0.0.0.0` is every IPv4 address of the machine."""

    port: Port = 8000
    """TCP port to listen on; 0 takes a free one."""

    data_dir: Annotated[Path, AfterValidator(Path.expanduser)] = Path(".quayside")
    """Where the embedded PostgreSQL keeps its data."""

    storage: Annotated[Literal["postgres", "memory"], Lower] = "postgres"
    """`postgres`, or `memory`, which forgets everything when the process ends."""

    database_url: Annotated[SecretStr, AfterValidator(_postgresql_url)] | None = None
    """A PostgreSQL server, `postgresql://user:password@host:5432/database`, instead of the embedded one."""

    pool_min_size: PoolSize = 2
    """Connections to the database that are kept open."""

    pool_max_size: PoolSize = 8
    """The most connections to the database that are open at once."""

    gateway: Annotated[Literal["sandbox"], Lower] = "sandbox"
    """Who moves the money; `sandbox` moves none. Has no default in production."""

    currencies: Annotated[tuple[Currency, ...], BeforeValidator(_codes), Field(min_length=1)] = (
        "GBP",
        "USD",
        "EUR",
    )
    """The ISO 4217 currencies in which payments are taken, separated by commas."""

    request_timeout_s: Seconds = 30
    """How long a request may take before it is answered with 504, in seconds."""

    shutdown_timeout_s: Seconds = 35
    """How long requests in flight may take to finish when the service is told to stop, in seconds."""

    log_level: Annotated[Literal["debug", "info", "warning", "error"], Lower] = "info"
    """The least level that is logged: `debug`, `info`, `warning`, `error`."""

    log_format: Annotated[Literal["auto", "json", "console"], Lower] = "auto"
    """How log lines look: `json`, `console`, or `auto`, which is `console` on a terminal and `json` elsewhere."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what the constructor is given alone: `load_settings` keeps account of the sources."""
        return (init_settings,)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.pool_min_size > self.pool_max_size:
            raise _broken("pool_min_size", "must not be greater than the pool's maximum size")
        if self.environment == "production" and "gateway" not in self.model_fields_set:
            raise _broken(
                "gateway", "must be set in production, where nothing stands in for a real gateway unasked"
            )
        return self


def _broken(setting: str, rule: str) -> PydanticCustomError:
    return PydanticCustomError("inconsistent", "{rule}", {"setting": setting, "rule": rule})
