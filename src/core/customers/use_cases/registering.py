"""Getting to know customers."""

from attrs import frozen

from ...kernel import Clock, ConcurrencyConflictError, CustomerId, IdFactory, UserId
from ...kernel.validation import Form
from ..entities import Customer
from ..ports import Begin
from ..requests import CustomerRequest
from ..rules import birth_date


@frozen
class RegisterCustomer:
    """Register a customer, who is shown to whoever registers them, and to who sees all."""

    begin: Begin
    rules: Form
    clock: Clock
    new_id: IdFactory

    async def __call__(
        self,
        request: CustomerRequest,
        *,
        customer_id: CustomerId | None = None,
        created_by: UserId | None = None,
    ) -> Customer:
        """
        Args:
            customer_id: What they are to be known by; a new id if the caller has none. A customer of that id that was
                registered before is that customer, as they are now.

        Raises:
            ValidationFailedError: with every rule that the request breaks.
            ConcurrencyConflictError: *customer_id* is that of another customer.
            CustomerNotFoundError: it is that of one who was registered, and erased since.
        """
        self.rules.check(request)
        now = self.clock()
        customer = Customer(
            id=customer_id or CustomerId(self.new_id()),
            email=request.email,
            first_name=request.first_name,
            last_name=request.last_name,
            phone_number=request.phone_number,
            date_of_birth=birth_date(request.date_of_birth),
            created_by=created_by,
            created_at=now,
            updated_at=now,
        )
        try:
            async with self.begin() as tx:
                await tx.customers.save(customer, customer.registered())
        except ConcurrencyConflictError:
            async with self.begin() as tx:
                known = await tx.customers.get(customer.id)
            if not known.is_asked_for_by(customer):
                raise
            return known
        return customer
