"""What a service measures of its PostgreSQL."""

import asyncio

import pytest
from prometheus_client.parser import text_string_to_metric_families

from builders import NOON, a_payment, gbp
from builders.shop import an_application, settings_of_a_shop
from postgres_databases import url_of
from quayside.core.payments import Payment, PaymentId, PaymentNotFoundError
from quayside.entrypoints.composition import Application
from quayside.entrypoints.settings import Settings

SAMPLES = dict[tuple[str, str], float]


@pytest.fixture
def settings(migrated_database: str) -> Settings:
    """Of a service on a database with the schema of this release."""
    return settings_of_a_shop(storage="postgres", database_url=url_of(migrated_database), pool_max_size=3)


def measured(application: Application) -> SAMPLES:
    """All samples, by name and the value of their only label, if they have one."""
    text = application.metrics.render().decode()
    return {
        (sample.name, "".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith("quayside_database_") and "le" not in sample.labels
    }


async def test_statements_are_timed_by_name_and_the_pool_is_told_of(settings: Settings) -> None:
    async with an_application(settings) as application:
        before = measured(application)
        for _ in range(2):
            with pytest.raises(PaymentNotFoundError):
                await application.storage.payments.get(PaymentId(application.new_id()))

        after = measured(application)

    assert ("quayside_database_query_duration_seconds_count", "payments.of_ids") not in before
    assert after["quayside_database_query_duration_seconds_count", "payments.of_ids"] == 2
    assert after["quayside_database_query_duration_seconds_sum", "payments.of_ids"] > 0
    assert after["quayside_database_pool_max_connections", ""] == 3
    assert 1 <= sum(after["quayside_database_pool_connections", state] for state in ("idle", "busy")) <= 3
    requests = "quayside_database_pool_requests_total", ""
    assert after[requests] - before.get(requests, 0) == 2
    assert after["quayside_database_pool_failures_total", ""] == 0


async def test_payments_that_are_asked_for_at_once_are_read_by_one_statement(settings: Settings) -> None:
    known = [a_payment()[0] for _ in range(3)]
    async with an_application(settings) as application:
        for payment in known:
            async with application.storage.begin() as tx:
                await tx.payments.save(payment, payment.received())
        before = measured(application)
        asked = [*(payment.id for payment in known), known[0].id, PaymentId(application.new_id())]

        found = await asyncio.gather(*map(application.storage.payments.get, asked), return_exceptions=True)

        after = measured(application)
    assert [each.id for each in found if isinstance(each, Payment)] == asked[:4]
    assert found[0] is not found[3]
    assert isinstance(found[4], PaymentNotFoundError)
    counted = "quayside_database_query_duration_seconds_count", "payments.of_ids"
    assert after[counted] - before.get(counted, 0) == 1


async def test_a_connection_that_is_lent_counts_as_busy(settings: Settings) -> None:
    async with an_application(settings) as application, application.storage.begin():
        assert measured(application)["quayside_database_pool_connections", "busy"] >= 1


async def test_a_payment_is_saved_with_its_events_and_entries_by_one_statement(settings: Settings) -> None:
    payment, received = a_payment(gbp("20.00"))
    async with an_application(settings) as application:
        before = measured(application)
        async with application.storage.begin() as tx:
            await tx.payments.save(payment, received, payment.authorize("auth_1", at=NOON))
            await tx.payments.save(payment, payment.capture(gbp("20.00"), at=NOON))
        after = measured(application)

        assert len(await application.storage.journal.of_payment(payment.id)) == 1
    counted = "quayside_database_query_duration_seconds_count"
    asked = {query for name, query in after if name == counted and query != "unnamed"}
    asked = {query for query in asked if after[counted, query] != before.get((counted, query), 0)}
    assert asked == {"payments.add", "payments.change"}
    assert [after[counted, each] for each in sorted(asked)] == [1, 1]
