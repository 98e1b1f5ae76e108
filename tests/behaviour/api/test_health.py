"""/health, /health/live and /health/ready."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from attrs import define, evolve

from builders.shop import Shop, open_shop, serving, settings_of_a_shop
from quayside.adapters.sandbox import SandboxGateway
from quayside.core.kernel import UnavailableError
from quayside.entrypoints.api.health import Dependency, Health, HealthMonitor
from quayside.entrypoints.composition import Application


async def answers_slowly() -> None:
    await asyncio.sleep(0.11)


async def refuses() -> None:
    raise UnavailableError("connection to db.internal:5432 as sesame refused")


async def breaks() -> None:
    raise RuntimeError("sesame")


@define
class Probe:
    """Counts how often it is asked."""

    asked: int = 0

    async def __call__(self) -> None:
        self.asked += 1
        await asyncio.sleep(0)


def with_database(application: Application, probe: Callable[[], Awaitable[None]]) -> Application:
    return evolve(application, storage=evolve(application.storage, probe=probe))


class DownGateway(SandboxGateway):
    """A gateway that does not answer."""

    async def health(self) -> None:
        await refuses()


async def test_a_service_whose_dependencies_answer_is_healthy(shop: Shop) -> None:
    response = await shop.client.get("/health")

    health = response.json()
    assert response.status_code == 200
    assert health["status"] == "healthy"
    assert health["version"]
    assert health["uptime_seconds"] >= 0
    assert set(health["checks"]) == {"database", "gateway"}
    for check in health["checks"].values():
        assert check.pop("response_time_ms") >= 0
        assert check == {"status": "healthy", "last_check": "2026-11-20T12:00:00Z", "details": {}}


async def test_a_slow_database_degrades_the_service(shop: Shop) -> None:
    async with serving(with_database(shop.application, answers_slowly)) as client:
        response = await client.get("/health")

    assert response.status_code == 200
    assert response.json()["status"] == "degraded"
    assert response.json()["checks"]["database"]["details"] == {"reason": "slow"}


@pytest.mark.parametrize(("probe", "reason"), [(refuses, "service_unavailable"), (breaks, "failed")])
async def test_without_its_database_the_service_is_unhealthy(
    shop: Shop, probe: Callable[[], Awaitable[None]], reason: str
) -> None:
    async with serving(with_database(shop.application, probe)) as client:
        health, ready, live = [await client.get(f"/health{path}") for path in ("", "/ready", "/live")]

    assert [health.status_code, ready.status_code, live.status_code] == [503, 503, 200]
    assert health.json()["checks"]["database"]["details"] == {"reason": reason}
    assert ready.json() == {"status": "unhealthy"}
    assert "sesame" not in health.text


async def test_without_its_gateway_the_service_is_degraded_and_ready(shop: Shop) -> None:
    gateway = DownGateway(shop.application.storage.sandbox_books)

    async with serving(evolve(shop.application, gateway=gateway)) as client:
        health, ready = [await client.get(f"/health{path}") for path in ("", "/ready")]

    assert [health.status_code, ready.status_code] == [200, 200]
    assert health.json()["status"] == "degraded"
    assert health.json()["checks"]["gateway"]["status"] == "degraded"
    assert ready.json() == {"status": "degraded"}


async def test_without_redis_where_it_is_set_the_service_is_degraded_and_ready() -> None:
    nowhere = settings_of_a_shop(redis_url="redis://:sesame@127.0.0.1:1")

    async with open_shop(nowhere) as shop:
        health, ready = [await shop.visitor().get(f"/health{path}") for path in ("", "/ready")]

    assert [health.status_code, ready.status_code] == [200, 200]
    assert health.json()["checks"]["redis"]["status"] == "degraded"
    assert health.json()["checks"]["redis"]["details"] == {"reason": "service_unavailable"}
    assert "sesame" not in health.text


async def test_a_dependency_that_does_not_answer_is_not_waited_for(shop: Shop) -> None:
    silent = Dependency(asyncio.Event().wait, failing=Health.UNHEALTHY)
    monitor = HealthMonitor({"database": silent}, shop.clock, probe_limit_s=0.01)

    report = await monitor.report()

    assert report.health is Health.UNHEALTHY
    assert report.findings["database"].reason == "timeout"


async def test_many_who_ask_at_once_cause_one_probe(shop: Shop) -> None:
    probe = Probe()

    async with serving(with_database(shop.application, probe)) as client:
        await asyncio.gather(*(client.get("/health/ready") for _ in range(20)))

    assert probe.asked == 1


async def test_being_alive_depends_on_nothing(shop: Shop) -> None:
    probe = Probe()

    async with serving(with_database(shop.application, probe)) as client:
        response = await client.get("/health/live")

    assert response.json() == {"status": "healthy"}
    assert probe.asked == 0
