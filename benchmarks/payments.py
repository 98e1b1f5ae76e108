"""Many payments in one request, beside what the gateway alone would take."""

from time import perf_counter

from benchmarks.harness import Benchmark, Figures
from benchmarks.http_site import PAYMENT, a_site
from benchmarks.service import GATEWAY_S

_COUNT = 1_000
_AT_ONCE = 10
_CALLS = 2  # of a payment by a registered card: its hold, and its capture


def _batch() -> Figures:
    with a_site() as site:
        ours = site.started("benchmarks.service:with_slow_gateway")
        asked = {name: PAYMENT[name] for name in ("customer_id", "paying_card_details")}
        card = ours.asked("/api/v1/cards", asked)
        item = {name: PAYMENT[name] for name in ("amount", "currency", "customer_id")} | {
            "card_id": card["card_id"]
        }
        began_at = perf_counter()
        answer = ours.asked("/api/v1/payments/batch", {"payments": [item] * _COUNT})
        took_s = perf_counter() - began_at
        assert all(result["status"] == 201 for result in answer["results"])
        return Figures(took_s, _COUNT * _CALLS * GATEWAY_S / _AT_ONCE)


BENCHMARKS = (Benchmark(name="payments.batch_1000", unit="s", goal=1.3, measure=_batch),)
