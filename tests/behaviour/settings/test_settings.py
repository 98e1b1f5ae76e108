"""Where settings come from, and which do not let a process start."""

from pathlib import Path

import pytest

from quayside.entrypoints.settings import Settings, SettingsError, load_settings


def refusal(**command_line: object) -> str:
    with pytest.raises(SettingsError) as refused:
        load_settings(**command_line)
    return str(refused.value)


def test_with_nothing_set_the_defaults_hold() -> None:
    loaded = load_settings()

    assert loaded.settings == Settings()
    assert loaded.sources == {}
    assert loaded.settings.currencies == ("GBP", "USD", "EUR")


def test_settings_made_directly_do_not_look_at_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUAYSIDE_PORT", "9000")

    assert Settings().port == 8000


def test_the_nearer_source_wins(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "quayside.toml": 'host = "general"\nport = 1\npool_max_size = 11\nrequest_timeout_s = 11\nlog_level = "error"',
        "quayside.development.toml": 'host = "specific"\nport = 2\npool_max_size = 12\nrequest_timeout_s = 12',
        ".env": "QUAYSIDE_HOST=dotenv\nQUAYSIDE_PORT=3\nQUAYSIDE_POOL_MAX_SIZE=13\nUNRELATED=1",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    monkeypatch.setenv("QUAYSIDE_HOST", "variable")
    monkeypatch.setenv("QUAYSIDE_PORT", "4")

    loaded = load_settings(host="given", port=None)

    chosen = loaded.settings
    assert (chosen.host, chosen.port, chosen.pool_max_size) == ("given", 4, 13)
    assert (chosen.request_timeout_s, chosen.log_level) == (12, "error")
    assert loaded.sources == {
        "host": "command line",
        "port": "environment",
        "pool_max_size": ".env",
        "request_timeout_s": "quayside.development.toml",
        "log_level": "quayside.toml",
    }


@pytest.mark.parametrize("where", ["environment", ".env", "quayside.toml"])
def test_the_environment_named_anywhere_chooses_the_file(
    where: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    production = ['gateway = "sandbox"', f'jwt_secret = "{"s" * 32}"', 'mail_dir = "mail"', "port = 80"]
    production += ['public_url = "https://shop.example"', f'field_keys = ["{"a" * 64}"]']
    (folder / "quayside.production.toml").write_text("\n".join(production))
    (folder / "quayside.development.toml").write_text("port = 81")
    match where:
        case "environment":
            monkeypatch.setenv("QUAYSIDE_ENVIRONMENT", "Production")
        case ".env":
            (folder / where).write_text("QUAYSIDE_ENVIRONMENT=production")
        case _:
            (folder / where).write_text('environment = "production"')

    assert load_settings().settings.port == 80


def test_a_file_chosen_by_the_environment_cannot_name_another(folder: Path) -> None:
    (folder / "quayside.development.toml").write_text('environment = "production"')

    assert "QUAYSIDE_ENVIRONMENT: cannot be set in quayside.development.toml" in refusal()


def test_an_empty_variable_sets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUAYSIDE_DATABASE_URL", "")

    assert load_settings().settings.database_url is None


def test_currencies_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUAYSIDE_CURRENCIES", "JPY, KWD")

    assert load_settings().settings.currencies == ("JPY", "KWD")


def test_currencies_may_be_a_list_in_a_file(folder: Path) -> None:
    (folder / "quayside.toml").write_text('currencies = ["JPY", "KWD"]')

    assert load_settings().settings.currencies == ("JPY", "KWD")


def test_an_unknown_variable_is_refused_with_a_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUAYSIDE_PROT", "9000")

    assert (
        "QUAYSIDE_PROT: there is no such setting (in environment); did you mean QUAYSIDE_PORT?" in refusal()
    )


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (".env", "QUAYSIDE_PROT=9000"),
        ("quayside.toml", "prot = 9000"),
        ("quayside.development.toml", "PROT = 9000"),
    ],
)
def test_an_unknown_name_in_a_file_is_refused_with_a_guess(folder: Path, file: str, text: str) -> None:
    (folder / file).write_text(text)

    assert f"QUAYSIDE_PROT: there is no such setting (in {file}); did you mean QUAYSIDE_PORT?" in refusal()


def test_an_unknown_name_like_no_other_gets_no_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUAYSIDE_ZZZ", "1")

    assert "did you mean" not in refusal()


def test_variables_of_the_test_suite_are_not_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUAYSIDE_TEST_POSTGRES_URL", "postgresql://somewhere")

    assert load_settings().sources == {}


def test_stripe_needs_the_key_of_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUAYSIDE_GATEWAY", "stripe")
    assert "QUAYSIDE_STRIPE_API_KEY: must be set where the gateway is stripe" in refusal()

    monkeypatch.setenv("QUAYSIDE_STRIPE_API_KEY", "sk_test_1234567890")
    assert "sk_test_1234567890" not in repr(load_settings().settings)


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("PORT", "65536", "less than or equal to 65535"),
        ("PORT", "http", "valid integer"),
        ("ENVIRONMENT", "staging", "'development' or 'production'"),
        ("STORAGE", "mysql", "'postgres' or 'memory'"),
        ("GATEWAY", "paypal", "'sandbox'"),
        ("STRIPE_WEBHOOK_SECRETS", "one,two,three", "at most 2 items"),
        ("CURRENCIES", "GBP,XQX", "XQX"),
        ("CURRENCIES", "GBP,,USD", "ISO 4217"),
        ("POOL_MAX_SIZE", "0", "greater than or equal to 1"),
        ("POOL_MIN_SIZE", "9", "must not be greater than the pool's maximum size"),
        ("REQUEST_TIMEOUT_S", "0", "greater than or equal to 1"),
        ("IDEMPOTENCY_TTL_S", "0", "greater than or equal to 1"),
        ("IDEMPOTENCY_TTL_S", "2592001", "less than or equal to 2592000"),
        ("IDEMPOTENCY_SECRET", "hunter2" * 4, "must have 32 bytes or more"),
        ("LOG_LEVEL", "loud", "'debug', 'info', 'warning' or 'error'"),
        ("DATABASE_URL", "mysql://ada:hunter2@db/shop", "must start with postgresql://"),
    ],
)
def test_a_value_that_breaks_its_rule_is_refused_by_name_source_and_rule(
    name: str, value: str, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"QUAYSIDE_{name}", value)

    message = refusal()

    assert f"QUAYSIDE_{name}: " in message
    assert rule in message
    assert "(from environment)" in message
    assert "hunter2" not in message


def test_everything_wrong_is_told_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "quayside.toml").write_text('storage = "mysql"\nprot = 1')
    monkeypatch.setenv("QUAYSIDE_PORT", "-1")

    message = refusal(log_level="loud")

    for name in ("QUAYSIDE_STORAGE", "QUAYSIDE_PROT", "QUAYSIDE_PORT", "QUAYSIDE_LOG_LEVEL"):
        assert name in message


@pytest.mark.parametrize(
    ("file", "content"),
    [("quayside.toml", b"port = "), ("quayside.development.toml", b"\xff"), (".env", b"QUAYSIDE_HOST=\xff")],
)
def test_a_file_that_cannot_be_read_is_refused_by_name(folder: Path, file: str, content: bytes) -> None:
    (folder / file).write_bytes(content)

    assert f"{file}: cannot be read" in refusal()


def test_production_takes_nothing_for_granted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUAYSIDE_ENVIRONMENT", "production")

    message = refusal()

    assert "QUAYSIDE_GATEWAY: must be set in production" in message
    assert "QUAYSIDE_PUBLIC_URL: must be set in production" in message
    assert "QUAYSIDE_FIELD_KEYS: must be set in production" in message
    assert "QUAYSIDE_JWT_SECRET: must be set in production" in message
    assert "QUAYSIDE_SMTP_URL: must be set in production, or QUAYSIDE_MAIL_DIR" in message


@pytest.mark.parametrize("mail", [("SMTP_URL", "smtps://mail.example"), ("MAIL_DIR", "/var/spool/mails")])
@pytest.mark.parametrize(
    "key", [("JWT_SECRET", "s" * 32), ("JWT_PRIVATE_KEY", "-----BEGIN PRIVATE KEY-----")]
)
def test_production_takes_what_is_named(
    mail: tuple[str, str], key: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    algorithm = ("JWT_ALGORITHM", "HS256" if key[0] == "JWT_SECRET" else "EdDSA")
    named = [("GATEWAY", "sandbox"), ("PUBLIC_URL", "https://shop.example"), ("FIELD_KEYS", "a" * 64)]
    named += [algorithm, mail, key]
    for name, value in [("ENVIRONMENT", "production"), *named]:
        monkeypatch.setenv(f"QUAYSIDE_{name}", value)

    assert load_settings().settings.gateway == "sandbox"


@pytest.mark.parametrize(("algorithm", "key"), [("HS256", "JWT_PRIVATE_KEY"), ("ES256", "JWT_SECRET")])
def test_in_production_the_key_of_another_algorithm_is_none(
    algorithm: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUAYSIDE_ENVIRONMENT", "production")
    monkeypatch.setenv("QUAYSIDE_JWT_ALGORITHM", algorithm)
    monkeypatch.setenv(f"QUAYSIDE_{key}", "s" * 32)

    other = "JWT_SECRET" if key == "JWT_PRIVATE_KEY" else "JWT_PRIVATE_KEY"
    assert f"QUAYSIDE_{other}: must be set in production" in refusal()


def test_a_secret_is_not_shown_with_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUAYSIDE_DATABASE_URL", "postgresql://ada:hunter2@db/shop")

    assert "hunter2" not in repr(load_settings())
