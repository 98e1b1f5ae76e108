"""
Showing one payment over HTTP: our service beside peers that give the same answer, and beside itself.

Servers, database and client share the processors of one machine. The server has one to itself as long as there are
two: the client needs a tenth of what the server does.
"""

from collections.abc import Callable
from functools import partial
from statistics import median

from benchmarks.harness import Benchmark, Figures, side_by_side
from benchmarks.http_site import Candidate, Site, a_site

_ROUNDS = 5
_SECONDS = 1.0
_WARM_UP_S = 0.5  # statements are prepared by then, on every connection to the database

Choice = Callable[[Site], Candidate]


def _open(site: Site) -> Candidate:
    return site.started("benchmarks.service:open_to_all")


def _on_granian(site: Site) -> Candidate:
    return site.started("benchmarks.service:open_to_all", "granian")


def _peer(name: str, site: Site) -> Candidate:
    return site.started(f"benchmarks.peers.{name}:application")


def _compared(ours: Choice, peer: Choice) -> Figures:
    with a_site() as site:
        pair = ours(site), peer(site)
        assert pair[0].answer() == pair[1].answer()
        for each in pair:
            each.loaded(_WARM_UP_S)
        return side_by_side(*(partial(_rate, each) for each in pair), rounds=_ROUNDS)


def _rate(candidate: Candidate) -> float:
    return candidate.loaded(_SECONDS).rate


def _slowest_hundredth() -> Figures:
    with a_site() as site:
        site.by_jwt.loaded(_WARM_UP_S)
        return Figures(median(site.by_jwt.loaded(_SECONDS).p99_ms for _ in range(_ROUNDS)))


def _get_payment(name: str, goal: float, ours: Choice, peer: Choice) -> Benchmark:
    measure = partial(_compared, ours, peer)
    return Benchmark(name=f"http.get_payment.{name}", unit="1/s", goal=goal, measure=measure, better="higher")


def _taking() -> Figures:
    with a_site() as site:
        ours = site.taking("benchmarks.service:with_instant_gateway")
        peer = site.taking("benchmarks.peers.fastapi_taking:application")
        own = {"id", "created_at", "processed_at", "created_by"}
        first, second = (
            {name: value for name, value in each.answer().items() if name not in own} for each in (ours, peer)
        )
        assert first == second
        for each in (ours, peer):
            each.loaded(_WARM_UP_S)
        return side_by_side(partial(_rate, ours), partial(_rate, peer), rounds=_ROUNDS)


def _slowest_hundredth_of_taking() -> Figures:
    with a_site() as site:
        ours = site.taking("benchmarks.service:with_instant_gateway")
        ours.loaded(_WARM_UP_S)
        return Figures(median(ours.loaded(_SECONDS).p99_ms for _ in range(_ROUNDS)))


BENCHMARKS = (
    _get_payment("vs_fastapi_sqlalchemy", 2.5, _open, partial(_peer, "fastapi_sqlalchemy")),
    _get_payment("vs_bare_litestar", 0.75, _open, partial(_peer, "bare_litestar")),
    _get_payment("jwt_vs_open", 0.8, lambda site: site.by_jwt, _open),
    _get_payment("session_vs_open", 0.7, lambda site: site.by_session, _open),
    Benchmark(name="http.get_payment.p99", unit="ms", goal=100, measure=_slowest_hundredth),
    Benchmark(
        name="http.post_payment.vs_fastapi_sqlalchemy", unit="1/s", goal=2, measure=_taking, better="higher"
    ),
    Benchmark(name="http.post_payment.p99", unit="ms", goal=100, measure=_slowest_hundredth_of_taking),
    Benchmark(
        name="http.server.granian_vs_uvicorn",
        unit="1/s",
        goal=2,  # beyond, the server would take more than everything else
        measure=partial(_compared, _on_granian, _open),
    ),
)
