"""The settings that decide who gets in, and how mails get out."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from quayside.entrypoints.settings import Settings, SettingsError, load_settings

SECRET_WORD = "hunter2"


def refusal() -> str:
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert SECRET_WORD not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    ("host", "port", "url"),
    [
        ("127.0.0.1", "9000", "http://127.0.0.1:9000"),
        ("0.0.0.0", "8000", "http://127.0.0.1:8000"),  # noqa: S104
        ("::", "8000", "http://[::1]:8000"),
        ("shop.internal", "80", "http://shop.internal:80"),
    ],
)
def test_without_a_public_url_links_lead_to_where_the_service_listens(host: str, port: str, url: str) -> None:
    assert load_settings(host=host, port=port).settings.public_url == url


def test_a_port_that_turned_out_free_is_in_the_public_url() -> None:
    settings = load_settings(
        port="0", jwt_secret=SECRET_WORD, allowed_origins="https://shop.example"
    ).settings

    assert settings.on_port(41234).public_url == "http://127.0.0.1:41234"
    assert settings.on_port(41234).model_dump(exclude={"port", "public_url"}) == settings.model_dump(
        exclude={"port", "public_url"}
    )


def test_a_public_url_that_is_set_stays_whatever_port_turned_out_free() -> None:
    settings = load_settings(port="0", public_url="https://shop.example").settings

    assert settings.on_port(41234).public_url == "https://shop.example"


def test_a_public_url_has_no_slash_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUAYSIDE_PUBLIC_URL", "https://shop.example/account/")

    assert load_settings().settings.public_url == "https://shop.example/account"


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("https://shop.example/account", "no-reply@shop.example"),
        ("http://localhost:8000", "no-reply@localhost"),
        ("http://127.0.0.1:8000", "no-reply@[127.0.0.1]"),
        ("http://[::1]:8000", "no-reply@[IPv6:::1]"),
    ],
)
def test_without_a_sender_mails_are_from_the_public_host(url: str, sender: str) -> None:
    assert Settings(public_url=url).mail_from == sender


@pytest.mark.parametrize(
    "sender",
    ["shop@shop.example", "Shop <shop@shop.example>", '"Shop, Ltd." <shop@[127.0.0.1]>', "Läden <a@b>"],
)
def test_a_sender_may_have_a_name(sender: str) -> None:
    assert Settings(mail_from=sender).mail_from == sender


def test_several_values_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUAYSIDE_ALLOWED_ORIGINS", "https://shop.example, http://localhost:3000/")
    monkeypatch.setenv("QUAYSIDE_TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.7, 2001:db8::/32")
    monkeypatch.setenv("QUAYSIDE_JWT_PREVIOUS_KEYS", "one,two")

    settings = load_settings().settings

    assert settings.allowed_origins == ("https://shop.example", "http://localhost:3000")
    assert settings.trusted_proxies == tuple(map(ip_network, ("10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32")))
    assert [key.get_secret_value() for key in settings.jwt_previous_keys] == ["one", "two"]


def test_a_key_with_a_comma_can_stand_in_a_file(folder: Path) -> None:
    (folder / "quayside.toml").write_text('jwt_previous_keys = ["one, half"]')

    (key,) = load_settings().settings.jwt_previous_keys

    assert key.get_secret_value() == "one, half"


def test_nobody_needs_to_be_asked_for_breaches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUAYSIDE_BREACH_CHECK_URL", "off")

    assert load_settings().settings.breach_check_url is None


def test_a_password_may_have_colons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUAYSIDE_BOOTSTRAP_ADMIN", "root:root@shop.example:a:b:c")

    assert load_settings().settings.bootstrap_admin is not None


def test_no_secret_is_shown() -> None:
    secrets: dict[str, object] = {
        "bootstrap_admin": f"root:root@shop.example:{SECRET_WORD}",
        "idempotency_secret": SECRET_WORD * 5,
        "jwt_secret": SECRET_WORD,
        "jwt_private_key": SECRET_WORD,
        "jwt_previous_keys": SECRET_WORD,
        "redis_url": f"redis://:{SECRET_WORD}@cache",
        "smtp_url": f"smtps://shop:{SECRET_WORD}@mail",
    }

    assert SECRET_WORD not in repr(load_settings(**secrets))


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("PUBLIC_URL", "shop.example", "http:// or https://"),
        ("PUBLIC_URL", "ftp://shop.example", "http:// or https://"),
        ("PUBLIC_URL", "https://", "http:// or https://"),
        ("PUBLIC_URL", "https://shop.example:port", "http:// or https://"),
        ("PUBLIC_URL", "https://shop.example?a=b", "neither a user nor anything after its path"),
        ("PUBLIC_URL", "https://ada:hunter2@shop.example", "neither a user"),
        ("ALLOWED_ORIGINS", "*", "http:// or https://"),
        ("ALLOWED_ORIGINS", "null", "http:// or https://"),
        ("ALLOWED_ORIGINS", "https://shop.example,https://shop.example/account", "must be an origin"),
        ("TRUSTED_PROXIES", "10.0.0.1/8", "must be an IP address, or a network"),
        ("TRUSTED_PROXIES", "proxy.internal", "must be an IP address, or a network"),
        ("REDIS_URL", "http://:hunter2@cache", "redis:// or rediss:// or unix://"),
        ("SMTP_URL", "mail.example", "smtp:// or smtps://"),
        ("SMTP_URL", "smtp://shop:hunter2@", "smtp:// or smtps://"),
        ("SMTP_URL", "smtp://[::1", "smtp:// or smtps://"),
        ("SMTP_URL", "smtp://mail:0", "smtp:// or smtps://"),
        ("MAIL_FROM", "Shop", "must be an address"),
        ("MAIL_FROM", "a@shop.example, b@shop.example", "must be an address"),
        ("MAIL_FROM", "a@shop.example\nBcc: eve@evil.example", "must be an address"),
        ("MAIL_FROM", "=?utf-8?q?a=0D=0ABcc:=20eve?= <a@b>", "must be an address"),
        ("BOOTSTRAP_ADMIN", "root:hunter2", "username:email:password"),
        ("BOOTSTRAP_ADMIN", "root::hunter2", "username:email:password"),
        ("JWT_ALGORITHM", "none", "'HS256', 'EdDSA' or 'ES256'"),
        ("JWT_ALGORITHM", "RS256", "'HS256', 'EdDSA' or 'ES256'"),
        ("PASSWORD_POLICY", "none", "'composition' or 'nist'"),
        ("BREACH_CHECK_URL", "never", "http:// or https://"),
        ("ARGON2_MEMORY_KIB", "7", "greater than or equal to 8"),
        ("ARGON2_PARALLELISM", "65", "less than or equal to 64"),
        ("ARGON2_TIME_COST", "0", "greater than or equal to 1"),
        ("PASSWORD_HASHERS", "0", "greater than or equal to 1"),
        ("RATE_LIMIT_FACTOR", "0", "greater than or equal to 1"),
    ],
)
def test_a_value_that_breaks_its_rule_is_refused_by_name_and_rule(
    name: str, value: str, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"QUAYSIDE_{name}", value)

    message = refusal()

    assert f"QUAYSIDE_{name}: " in message
    assert rule in message


def test_each_lane_has_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUAYSIDE_ARGON2_MEMORY_KIB", "31")
    monkeypatch.setenv("QUAYSIDE_ARGON2_PARALLELISM", "4")

    assert "QUAYSIDE_ARGON2_MEMORY_KIB: must be at least 8 for each lane" in refusal()


def test_what_follows_from_a_broken_setting_is_not_told_besides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUAYSIDE_PORT", "http")

    message = refusal()

    assert "QUAYSIDE_PORT: " in message
    assert "QUAYSIDE_PUBLIC_URL" not in message
    assert "QUAYSIDE_MAIL_FROM" not in message
