"""The report on a hundred thousand payments, which the service never has in memory all at once."""

from pathlib import Path

import psycopg

from system.service import Service

PAYMENTS = 100_000
MOST_GROWTH_KIB = 60 * 1024

_MANY = """
INSERT INTO payment (
    id, version, status, currency, amount_minor, captured_minor, refunded_minor, customer_id, card_id, card_last4,
    card_brand, description, metadata, captures_at_once, needs_attention, created_at
)
SELECT lpad(to_hex(n), 32, '0')::uuid, 1, CASE WHEN n %% 20 = 0 THEN 'Failed' ELSE 'Completed' END, 'GBP', 1999, 0, 0,
       gen_random_uuid(), 'card', '4242', 'visa', repeat('=1+1 <b>', 20), '{}', true, false,
       timestamptz '2026-01-01Z' + n * interval '1 second'
FROM generate_series(1, %s) AS n
"""
_PASSWORD = "Analytical Engine 1843"


def read(service: Service, token: str) -> tuple[int, str]:
    """How many lines the report has, and how it ends."""
    headers = {"authorization": f"Bearer {token}"}
    lines, end = 0, ""
    with service.client.stream("GET", "/api/v1/payments/report", headers=headers) as answer:
        assert answer.status_code == 200
        for part in answer.iter_text():
            lines += part.count("\n")
            end = (end + part)[-20:]
    return lines, end


def test_a_report_takes_no_more_memory_however_long_it_is(tmp_path: Path, database: str) -> None:
    admin = f"root:root@shop.example:{_PASSWORD}"
    service = Service.started(
        tmp_path,
        database_url=database,
        breach_check_url="off",
        bootstrap_admin=admin,
        argon2_memory_kib="8",  # passwords are hashed in more memory than reports are written in
        request_timeout_s="3",  # of each part, and not of the whole
    )
    try:
        login = service.ask("POST", "/api/v1/auth/login", {"username": "root", "password": _PASSWORD}).json()
        read(service, login["token"])
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(_MANY, [PAYMENTS])
            connection.execute("VACUUM ANALYZE payment")
        idle = service.memory_kib("VmRSS")

        lines, end = read(service, login["token"])

        assert lines > PAYMENTS
        assert end.endswith("</html>\n")
        growth = service.memory_kib("VmHWM") - idle
        assert growth < MOST_GROWTH_KIB
    finally:
        service.kill()
