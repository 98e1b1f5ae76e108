"""Putting right what is known of customers, and forgetting it."""

from attrs import frozen

from ...kernel import (
    ANY_VERSION,
    Clock,
    CustomerId,
    ExpectedVersion,
    Permission,
    PermissionDeniedError,
    Principal,
)
from ...kernel.validation import Form
from ..entities import Customer
from ..ports import Begin
from ..requests import CustomerChanges
from ..rules import check_changes
from .reading import require_visible


@frozen
class ChangeCustomer:
    """Say something anew of a customer."""

    begin: Begin
    rules: Form
    clock: Clock

    async def __call__(
        self,
        principal: Principal,
        customer_id: CustomerId,
        changes: CustomerChanges,
        *,
        expected: ExpectedVersion = ANY_VERSION,
    ) -> Customer:
        """
        Args:
            expected: In which version the caller knows the customer.

        Raises:
            ValidationFailedError: with every rule that *changes* break.
            CustomerNotFoundError: there is none, not any more, or the caller may not see them.
            PermissionDeniedError: the caller sees them, but may not change them.
            StalePreconditionError: they have another version.
        """
        check_changes(self.rules, changes)
        with expected.through_races():
            async with self.begin() as tx:
                customer = await tx.customers.get(customer_id)
                _require_may_write(principal, customer)
                expected.require(customer.version)
                if changed := customer.change(changes, at=self.clock()):
                    await tx.customers.save(customer, changed)
        return customer


@frozen
class EraseCustomer:
    """Forget everything personal of a customer; what they did stays, without saying who they were."""

    begin: Begin
    clock: Clock

    async def __call__(
        self, principal: Principal, customer_id: CustomerId, *, expected: ExpectedVersion = ANY_VERSION
    ) -> None:
        """
        Args:
            expected: In which version the caller knows the customer.

        Raises:
            CustomerNotFoundError: there is none, not any more, or the caller may not see them.
            PermissionDeniedError: the caller sees them, but may not erase them.
            StalePreconditionError: they have another version.
        """
        with expected.through_races():
            async with self.begin() as tx:
                customer = await tx.customers.get(customer_id)
                _require_may_write(principal, customer)
                expected.require(customer.version)
                await tx.customers.erase(customer, customer.erase(at=self.clock()))
                for records in tx.personal_records:
                    await records.erase_of(customer_id)


def _require_may_write(principal: Principal, customer: Customer) -> None:
    require_visible(principal, customer)
    if not principal.may_on(Permission.CUSTOMERS_WRITE, customer.created_by):
        raise PermissionDeniedError("You may not do this.", permission=Permission.CUSTOMERS_WRITE)
