"""What a single setting can be: how it is read, and what it has to keep."""

from email.policy import default as mail_policy
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, StringConstraints
from pydantic_core import PydanticCustomError

from ...core.kernel import Money, QuaysideError

_MIN_SECRET_BYTES = 32


def _url(url: str, *schemes: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        is_such = parts.scheme in schemes and parts.port != 0 and (parts.hostname or parts.scheme == "unix")
    except ValueError:  # no port that there could be, or half an address
        is_such = False
    if not is_such:
        wanted = " or ".join(f"{scheme}://" for scheme in schemes)
        raise PydanticCustomError(
            "not_such_a_url", "must be a URL that starts with {wanted}", {"wanted": wanted}
        )
    return urlsplit(url)


def _secret_url(*schemes: str) -> AfterValidator:
    def checked(url: SecretStr) -> SecretStr:
        _url(url.get_secret_value(), *schemes)
        return url

    return AfterValidator(checked)


def _postgresql_url(url: SecretStr) -> SecretStr:
    # No more than this: libpq knows forms that no other URL has, such as several hosts.
    if urlsplit(url.get_secret_value()).scheme not in {"postgresql", "postgres"}:
        raise PydanticCustomError("not_postgresql", "must start with postgresql://")
    return url


def _long_secret(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value().encode()) < _MIN_SECRET_BYTES:
        raise PydanticCustomError(
            "too_short", "must have {bytes} bytes or more", {"bytes": _MIN_SECRET_BYTES}
        )
    return secret


def _base_url(url: str) -> str:
    parts = _url(url, "http", "https")
    if parts.query or parts.fragment or parts.username is not None:
        raise PydanticCustomError("not_a_base_url", "must have neither a user nor anything after its path")
    return url.rstrip("/")


def _origin(url: str) -> str:
    parts = _url(url, "http", "https")
    if parts.path not in {"", "/"} or parts.query or parts.fragment or parts.username is not None:
        raise PydanticCustomError(
            "not_an_origin", "must be an origin, as https://shop.example is: nothing after it"
        )
    return url.rstrip("/")


def _off(value: object) -> object:
    return None if isinstance(value, str) and value.lower() == "off" else value


def _sender(text: str) -> str:
    try:
        (address,) = mail_policy.header_store_parse("From", text)[1].addresses
    except ValueError:
        address = None
    if address is None or not (address.username and address.domain) or "=?" in text:
        raise PydanticCustomError(
            "not_a_sender", "must be an address: Shop <shop@example.com>, or shop@example.com"
        )
    return text


def _first_admin(account: SecretStr) -> SecretStr:
    username, _, rest = account.get_secret_value().partition(":")
    email, _, password = rest.partition(":")
    if not (username and email and password):
        raise PydanticCustomError("not_an_account", "must be username:email:password")
    return account


def _network(value: object) -> object:
    try:
        return ip_network(value) if isinstance(value, str) else value
    except ValueError:
        raise PydanticCustomError(
            "not_a_network",
            "must be an IP address, or a network such as 10.0.0.0/8 with no bit set beyond its length",
        ) from None


def _separated(value: object) -> object:
    return [item.strip() for item in value.split(",")] if isinstance(value, str) else value


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


Lower = BeforeValidator(_lower)
Separated = BeforeValidator(_separated)
OrOff = BeforeValidator(_off)

NonEmpty = Annotated[str, StringConstraints(min_length=1)]
LongSecret = Annotated[SecretStr, AfterValidator(_long_secret)]
Port = Annotated[int, Field(ge=0, le=65_535)]
PoolSize = Annotated[int, Field(ge=1, le=1_000)]
CacheSize = Annotated[int, Field(ge=1, le=1_000_000)]
Seconds = Annotated[int, Field(ge=1, le=3_600)]
DaysInSeconds = Annotated[int, Field(ge=1, le=30 * 86_400)]
Kibibytes = Annotated[int, Field(ge=8, le=4 * 1024**2)]
Threads = Annotated[int, Field(ge=1, le=64)]
Passes = Annotated[int, Field(ge=1, le=100)]
Factor = Annotated[int, Field(ge=1, le=1_000_000)]
Share = Annotated[float, Field(ge=0, le=1)]
Folder = Annotated[Path, AfterValidator(Path.expanduser)]
Currency = Annotated[str, AfterValidator(_known_currency)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
Origin = Annotated[str, AfterValidator(_origin)]
Sender = Annotated[str, AfterValidator(_sender)]
PostgresqlUrl = Annotated[SecretStr, AfterValidator(_postgresql_url)]
RedisUrl = Annotated[SecretStr, _secret_url("redis", "rediss", "unix")]
SmtpUrl = Annotated[SecretStr, _secret_url("smtp", "smtps")]
FirstAdmin = Annotated[SecretStr, AfterValidator(_first_admin)]
