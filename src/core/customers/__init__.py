"""Customers: who buys, and what of that is forgotten when they ask for it."""

from ..kernel import CustomerId
from .entities import Customer
from .errors import CustomerNotFoundError
from .events import EVENTS, CustomerChanged, CustomerErased, CustomerRegistered
from .ports import Begin, CustomerFilter, CustomerQueries, CustomerRepository, PersonalRecords, Transaction
from .requests import CustomerChanges, CustomerRequest
from .rules import PERSONAL, change_form, registration_form, same_email
from .use_cases.changing import ChangeCustomer, EraseCustomer
from .use_cases.reading import FindCustomer, ListCustomers, require_visible
from .use_cases.registering import RegisterCustomer
from .use_cases.summarizing import CustomerSummary, SummarizeCustomer, SummarySource

__all__ = [
    "EVENTS",
    "PERSONAL",
    "Begin",
    "ChangeCustomer",
    "Customer",
    "CustomerChanged",
    "CustomerChanges",
    "CustomerErased",
    "CustomerFilter",
    "CustomerId",
    "CustomerNotFoundError",
    "CustomerQueries",
    "CustomerRegistered",
    "CustomerRepository",
    "CustomerRequest",
    "CustomerSummary",
    "EraseCustomer",
    "FindCustomer",
    "ListCustomers",
    "PersonalRecords",
    "RegisterCustomer",
    "SummarizeCustomer",
    "SummarySource",
    "Transaction",
    "change_form",
    "registration_form",
    "require_visible",
    "same_email",
]
