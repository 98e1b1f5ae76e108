"""Every setting: what it means, its unit, its limits, its default."""

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from .pricing import Promotions, ShippingCost, TaxRate
from .values import (
    BaseUrl,
    CacheSize,
    Currency,
    DaysInSeconds,
    Factor,
    FirstAdmin,
    Folder,
    Kibibytes,
    LongSecret,
    Lower,
    Network,
    NonEmpty,
    Origin,
    OrOff,
    Passes,
    PoolSize,
    Port,
    PostgresqlUrl,
    RedisUrl,
    Seconds,
    Sender,
    Separated,
    Share,
    SmtpUrl,
    Threads,
)

PREFIX = "QUAYSIDE_"

_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  not listened on, but asked of
_MIN_KIB_PER_LANE = 8  # RFC 9106, 3.1


def _public_url(chosen: Mapping[str, Any]) -> str:
    host = _EVERY_ADDRESS.get(chosen["host"], chosen["host"])
    return f"http://{f'[{host}]' if ':' in host else host}:{chosen['port']}"


def _mail_from(chosen: Mapping[str, Any]) -> str:
    host = urlsplit(chosen["public_url"]).hostname or ""
    try:
        is_v6 = ip_address(host).version == 6
    except ValueError:
        return f"no-reply@{host}"
    return f"no-reply@[{'IPv6:' if is_v6 else ''}{host}]"  # RFC 5321, 4.1.3


class Settings(BaseSettings):
    """
    What an operator decides about a process of quayside.

    A setting is the variable ``QUAYSIDE_<NAME>``, or ``<name>`` in a TOML file; `load_settings` reads them. Made
    directly, as in a test, this takes what it is given and the defaults, whatever the environment holds.
    """

    model_config = SettingsConfigDict(
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        validate_default=False,  # with port 0 the public URL is none yet
    )

    environment: Annotated[Literal["development", "production"], Lower] = "development"
    """`development`, or `production`, which takes nothing for granted that is only good for trying things out."""

    host: NonEmpty = "127.0.0.1"
    """Address to listen on; `0.0.0.0` is every IPv4 address of the machine."""

    port: Port = 8000
    """TCP port to listen on; 0 takes a free one."""

    workers: Threads = 1
    """How many processes serve the port, each with connections to the database and counts of its own."""

    operations_port: Port | None = None
    """TCP port where `quayside worker`, or the first of several that serve, tells of its health; 0 takes a free one."""

    public_url: BaseUrl = Field(default_factory=_public_url)
    """Where clients reach the service, and mailed links lead. From host and port by default, but not in production."""

    allowed_origins: Annotated[tuple[Origin, ...], Separated] = ()
    """Origins whose pages may use the service beside its own, `https://shop.example`, separated by commas."""

    trusted_proxies: Annotated[tuple[Network, ...], Separated] = ()
    """Our own proxies, such as `10.0.0.0/8`, separated by commas: forwarded headers count from them alone."""

    data_dir: Folder = Path(".quayside")
    """Where the embedded PostgreSQL, generated keys and, without another place, mails are kept."""

    storage: Annotated[Literal["postgres", "memory"], Lower] = "postgres"
    """`postgres`, or `memory`, which forgets everything when the process ends."""

    database_url: PostgresqlUrl | None = None
    """A PostgreSQL server, `postgresql://user:password@host:5432/database`, instead of the embedded one."""

    pool_min_size: PoolSize = 2
    """Connections to the database that are kept open."""

    pool_max_size: PoolSize = 8
    """The most connections to the database that are open at once."""

    redis_url: RedisUrl | None = None
    """A Redis server, `redis://user:password@host:6379/0`, that counts for rate limits instead of the database."""

    cache: Annotated[Literal["off", "memory", "redis"], Lower] = "off"
    """Where payments are kept for reading: `off`, `memory`, `redis`. Changes by other processes show a moment later."""

    cache_ttl_s: Seconds = 60
    """How long a copy is kept at most, in seconds."""

    cache_size: CacheSize = 10_000
    """How many copies a process keeps in its memory."""

    gateway: Annotated[Literal["sandbox", "stripe"], Lower] = "sandbox"
    """Who moves the money: `stripe`, or `sandbox`, which moves none. Has no default in production."""

    stripe_api_key: SecretStr | None = None
    """The secret or restricted key of an account at Stripe, `sk_…` or `rk_…`; goes with the gateway `stripe`."""

    stripe_webhook_secrets: Annotated[tuple[SecretStr, ...], Separated, Field(max_length=2)] = ()
    """By which Stripe signs its events, `whsec_…`: one, or two separated by a comma while they are exchanged."""

    stripe_url: BaseUrl = "https://api.stripe.com"
    """Where Stripe's API is; another one only to try things out."""

    currencies: Annotated[tuple[Currency, ...], Separated, Field(min_length=1)] = ("GBP", "USD", "EUR")
    """The ISO 4217 currencies in which payments are taken, separated by commas."""

    tax_rates: Annotated[tuple[TaxRate, ...], Separated] = ()
    """Tax on what is sold in a currency, in per cent of each line, `GBP=20,EUR=19`; none where there is no rate."""

    shipping_rates: Annotated[tuple[ShippingCost, ...], Separated] = ()
    """What sending costs, and over what it is free, `GBP=5.99/50.00`; so much in every currency that has no rate."""

    promotions: Promotions = ()
    """What is taken off orders: a list in JSON, or tables of a TOML file, as described below."""

    bootstrap_admin: FirstAdmin | None = None
    """`username:email:password` of an Admin that is made at the start, unless there is one of that name."""

    password_policy: Annotated[Literal["composition", "nist"], Lower] = "composition"  # noqa: S105  a policy
    """What a password has to be: `composition` (8 characters; upper case, lower case, digit) or `nist` (15)."""

    breach_check_url: Annotated[BaseUrl | None, OrOff] = "https://api.pwnedpasswords.com"
    """Who is asked, by a part of its hash, whether a new password is known from a breach; `off` asks nobody."""

    argon2_memory_kib: Kibibytes = 46 * 1024
    """Memory that hashing a password takes, in KiB. Hashes made otherwise are renewed at the next login."""

    argon2_time_cost: Passes = 1
    """How often hashing a password goes over that memory."""

    argon2_parallelism: Threads = 1
    """How many lanes hashing a password has."""

    password_hashers: Threads = 2
    """How many passwords are hashed at once; each takes its memory, and keeps a processor busy."""

    rate_limit_factor: Factor = 1
    """Multiplies every rate limit but that of an account's login failures."""

    jwt_algorithm: Literal["HS256", "EdDSA", "ES256"] = "HS256"
    """How access tokens are signed: `HS256`, or `EdDSA` or `ES256`, which others can verify by public keys."""

    jwt_secret: SecretStr | None = None
    """The key of `HS256`, 32 bytes or more. If not set, and not in production, one is made and kept."""

    jwt_private_key: SecretStr | None = None
    """The key of `EdDSA` or `ES256`, in PEM. If not set, and not in production, one is made and kept."""

    jwt_previous_keys: Annotated[tuple[SecretStr, ...], Separated] = ()
    """Keys that verify tokens and sign none, separated by commas: secrets, or keys in PEM."""

    jwt_issuer: NonEmpty = "quayside"
    """Who signs access tokens: their claim `iss`."""

    jwt_audience: NonEmpty = "quayside"
    """For whom access tokens are: their claim `aud`."""

    mail_dir: Folder | None = None
    """Where mails are put as files instead of being sent. Outside production `mail` in the data folder, if not set."""

    smtp_url: SmtpUrl | None = None
    """The server that mails are sent by, `smtps://user:password@host:465` or `smtp://`; it comes before a folder."""

    mail_from: Sender = Field(default_factory=_mail_from)
    """Who mails are from: `Shop <shop@example.com>`. `no-reply` at the host of the public URL, if not set."""

    idempotency_ttl_s: DaysInSeconds = 86_400
    """How long what was answered under an `Idempotency-Key` is repeated, in seconds."""

    idempotency_secret: LongSecret | None = None
    """Hashes requests with such a key: 32 bytes or more, the same in all processes. If not set, it is made and kept."""

    field_keys: Annotated[tuple[SecretStr, ...], Separated] = ()
    """Keys of personal fields, 64 hex digits each, the current first. Outside production one is made, if not set."""

    request_timeout_s: Seconds = 30
    """How long a request may take before it is answered with 504, in seconds."""

    client_patience_s: Seconds = 10
    """How long a client may take over the head of a request, or let an answer wait, in seconds; up to twice as long."""

    shutdown_timeout_s: Seconds = 35
    """How long requests in flight may take to finish when the service is told to stop, in seconds."""

    log_level: Annotated[Literal["debug", "info", "warning", "error"], Lower] = "info"
    """The least level that is logged: `debug`, `info`, `warning`, `error`."""

    log_format: Annotated[Literal["auto", "json", "console"], Lower] = "auto"
    """How log lines look: `json`, `console`, or `auto`, which is `console` on a terminal and `json` elsewhere."""

    log_request_sample: Share = 1.0
    """The share of requests that get a line in the log, 0-1. Those refused, failed or slower than a second all do."""

    def on_port(self, port: int) -> Self:
        """These settings where *port* is the one that was free; with what follows from it."""
        return self.model_validate(self.model_dump(exclude_unset=True) | {"port": port})

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - this and those below, as pydantic has it
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what the constructor is given alone: `load_settings` keeps account of the sources."""
        return (init_settings,)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        broken = [*self._inconsistencies()]
        if self.environment == "production":
            broken += self._taken_for_granted()
        if broken:
            raise PydanticCustomError("inconsistent", "{broken}", {"broken": broken})
        return self

    def _inconsistencies(self) -> Iterator[tuple[str, str]]:
        """The settings that do not go with others, and why."""
        if self.pool_min_size > self.pool_max_size:
            yield "pool_min_size", "must not be greater than the pool's maximum size"
        if self.workers > 1 and self.storage == "memory":
            yield "workers", "must be 1 where everything is kept in memory, which processes do not share"
        if self.cache == "redis" and self.redis_url is None:
            yield "cache", "needs QUAYSIDE_REDIS_URL to be `redis`"
        if self.argon2_memory_kib < self.argon2_parallelism * _MIN_KIB_PER_LANE:
            yield "argon2_memory_kib", f"must be at least {_MIN_KIB_PER_LANE} for each lane"
        for name in ("tax_rates", "shipping_rates"):
            currencies = [rate.partition("=")[0] for rate in getattr(self, name)]
            if len(set(currencies)) < len(currencies):
                yield name, "must name each currency once"
        if self.gateway == "stripe" and self.stripe_api_key is None:
            yield "stripe_api_key", "must be set where the gateway is stripe"

    def _taken_for_granted(self) -> Iterator[tuple[str, str]]:
        """The settings that have a default, but not in production."""
        if "gateway" not in self.model_fields_set:
            yield "gateway", "must be set in production, where nothing stands in for a real gateway unasked"
        key = "jwt_secret" if self.jwt_algorithm == "HS256" else "jwt_private_key"
        if getattr(self, key) is None:
            yield key, f"must be set in production, where no key is made: it signs by {self.jwt_algorithm}"
        if not self.field_keys and self.storage == "postgres":
            yield (
                "field_keys",
                "must be set in production, where no key is made: personal fields are encrypted",
            )
        if "public_url" not in self.model_fields_set:
            yield "public_url", "must be set in production: mailed links begin with it"
        if self.smtp_url is None and self.mail_dir is None:
            yield "smtp_url", "must be set in production, or QUAYSIDE_MAIL_DIR: else mails would go nowhere"
