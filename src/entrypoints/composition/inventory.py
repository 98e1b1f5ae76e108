"""What lies in warehouses: the use cases of inventory, put together."""

from attrs import frozen

from ...adapters.telemetry.metrics import PrometheusMetrics
from ...adapters.telemetry.reservations import MeasuredReservations
from ...core.inventory import (
    AdjustStock,
    CommitReservation,
    ExpireReservations,
    FindStock,
    ReleaseReservation,
    ReserveStock,
)
from ...core.kernel import Clock
from .storage import Storage


@frozen
class Inventory:
    """Every use case of inventory."""

    adjust_stock: AdjustStock
    find_stock: FindStock
    reserve_stock: ReserveStock
    release_reservation: ReleaseReservation
    commit_reservation: CommitReservation
    expire_reservations: ExpireReservations


def inventory_of(storage: Storage, clock: Clock, metrics: PrometheusMetrics) -> Inventory:
    """The use cases of inventory; what becomes of reservations is counted."""
    reservations = MeasuredReservations(storage.reservations, metrics.reservations)
    return Inventory(
        adjust_stock=AdjustStock(storage.begin, clock),
        find_stock=FindStock(storage.stock),
        reserve_stock=ReserveStock(reservations, clock),
        release_reservation=ReleaseReservation(reservations, clock),
        commit_reservation=CommitReservation(reservations, clock),
        expire_reservations=ExpireReservations(reservations, clock),
    )
