"""A customer, and the only ways in which one changes."""

from datetime import date, datetime

from attrs import define, field

from ..eventlog import StreamId
from ..kernel import CustomerId, UserId
from .events import CustomerChanged, CustomerErased, CustomerRegistered
from .requests import CustomerChanges
from .rules import PERSONAL, birth_date


@define(eq=False, kw_only=True)
class Customer:
    """
    Somebody who buys, as far as the business knows them: personal, but for the ids and times.

    Args:
        email: As typed; several customers may have the same.
        phone_number: In the form of E.164.
        created_by: The account that registered them, whose customer they are.
        version: Saves so far; 0 means never stored.
    """

    id: CustomerId
    email: str = field(repr=False)
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    phone_number: str | None = field(repr=False)
    date_of_birth: date = field(repr=False)
    created_by: UserId | None
    created_at: datetime
    updated_at: datetime
    version: int = 0

    @property
    def stream(self) -> StreamId:
        """Where their events are."""
        return StreamId("customer", self.id)

    def registered(self) -> CustomerRegistered:
        """Tell that they are known from now on; the first event of their stream."""
        return CustomerRegistered(self.id, self.created_at)

    def change(self, changes: CustomerChanges, *, at: datetime) -> CustomerChanged | None:
        """Take over what is said of them now; None if nothing of it is new."""
        told = {**changes}
        if "date_of_birth" in changes:
            told["date_of_birth"] = birth_date(changes["date_of_birth"])
        changed = tuple(name for name in PERSONAL if name in told and told[name] != getattr(self, name))
        if not changed:
            return None
        for name in changed:
            setattr(self, name, told[name])
        self.updated_at = at
        return CustomerChanged(self.id, changed, at)

    def erase(self, *, at: datetime) -> CustomerErased:
        """Tell that nothing personal is known of them any more."""
        self.updated_at = at
        return CustomerErased(self.id, at)

    def is_asked_for_by(self, asked: "Customer") -> bool:
        """Whether *asked*, of the same id, is this one registered once more; what was changed since does not count."""
        if self.created_by != asked.created_by:
            return False
        return self.version > 1 or all(getattr(self, name) == getattr(asked, name) for name in PERSONAL)
