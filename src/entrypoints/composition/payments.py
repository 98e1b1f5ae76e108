"""Money taken from customers: the use cases of payments, put together."""

from attrs import frozen

from ...adapters.telemetry.payment_metrics import PaymentMetrics
from ...adapters.telemetry.payments import MeasuredPayments, measured_begin
from ...core.payments import (
    CancelPayment,
    CapturePayment,
    DeletePayment,
    FindPayment,
    ListPayments,
    ListRefunds,
    PaymentGateway,
    ProcessBatch,
    ProcessPayment,
    ReceiveNotice,
    ReconcilePayments,
    RefundPayment,
    RegisterCard,
    ReportPayments,
    ResolveAttention,
    SearchPayments,
    SettlePayment,
    TellBacklog,
    TotalPayments,
    payment_form,
    registration_form,
)
from ..settings import Settings
from .caching import PaymentCache
from .gateway import notices_of
from .storage import Storage
from .surroundings import Surroundings


@frozen
class Payments:
    """Every use case of payments."""

    register_card: RegisterCard
    process_payment: ProcessPayment
    process_batch: ProcessBatch
    settle_payment: SettlePayment
    capture_payment: CapturePayment
    cancel_payment: CancelPayment
    refund_payment: RefundPayment
    delete_payment: DeletePayment
    resolve_attention: ResolveAttention
    find_payment: FindPayment
    list_payments: ListPayments
    search_payments: SearchPayments
    list_refunds: ListRefunds
    total_payments: TotalPayments
    reconcile_payments: ReconcilePayments
    receive_notice: ReceiveNotice
    report_payments: ReportPayments
    tell_backlog: TellBacklog


def payments_of(  # noqa: PLR0913, PLR0917 - none of them belongs to another
    settings: Settings,
    storage: Storage,
    gateway: PaymentGateway,
    surroundings: Surroundings,
    cache: PaymentCache | None,
    metrics: PaymentMetrics,
) -> Payments:
    """The use cases of payments, as *settings* say; what they do is counted."""
    begin = measured_begin(storage.begin, metrics)
    saved = MeasuredPayments(storage.committed_payments, metrics)
    clock, new_id = surroundings.clock, surroundings.new_id
    form = payment_form(settings.currencies, clock)
    list_payments = ListPayments(storage.payments)
    settle = SettlePayment(begin, saved, gateway, clock)
    return Payments(
        register_card=RegisterCard(begin, gateway, registration_form(clock), clock, new_id),
        process_payment=ProcessPayment(begin, saved, gateway, form, clock, new_id),
        process_batch=ProcessBatch(),
        settle_payment=settle,
        capture_payment=CapturePayment(begin, saved, gateway, clock),
        cancel_payment=CancelPayment(begin, saved, gateway, clock),
        refund_payment=RefundPayment(begin, saved, gateway, clock),
        delete_payment=DeletePayment(begin, clock),
        resolve_attention=ResolveAttention(begin, clock),
        find_payment=FindPayment(cache.reading(storage.payments) if cache else storage.payments),
        list_payments=list_payments,
        search_payments=SearchPayments(list_payments, storage.customers),
        list_refunds=ListRefunds(storage.payments, storage.refunds),
        total_payments=TotalPayments(storage.payments),
        reconcile_payments=ReconcilePayments(storage.journal, gateway),
        receive_notice=ReceiveNotice(notices_of(settings), storage.seen_notices, settle, clock),
        report_payments=ReportPayments(storage.payments, clock),
        tell_backlog=TellBacklog(storage.payments, clock),
    )
