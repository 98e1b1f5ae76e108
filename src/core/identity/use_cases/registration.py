"""How accounts come into being."""

from collections.abc import Iterable

from attrs import frozen

from ...kernel import Clock, FieldError, IdFactory, QuaysideError, UserId, ValidationFailedError
from ...kernel.validation import AskingForm, Occasion
from ..entities import User
from ..errors import NameTakenError
from ..policy import Role
from ..ports import Begin, PasswordHasher, UserQueries
from ..rules import AVAILABILITY, TAKEN, Registration


@frozen
class RegisterUser:
    """
    Make an account.

    Whether a name is free is asked with the other rules, to tell everything at once; storage has the last word.

    Args:
        rules: `PasswordForms.registration`.
    """

    begin: Begin
    hasher: PasswordHasher
    rules: AskingForm
    clock: Clock
    new_id: IdFactory

    async def __call__(
        self,
        wanted: Registration,
        *,
        roles: Iterable[Role] = (),
        occasion: Occasion = Occasion.REGISTRATION,
    ) -> User:
        """
        Args:
            roles: What it is beside a `Role.USER`.

        Raises:
            ValidationFailedError: with every rule that *wanted* breaks, taken names among them.
            NameTakenError: nothing else is wrong.
        """
        if errors := await self.rules.errors(wanted, occasion):
            raise _refusal(errors)
        now = self.clock()
        user = User(
            id=UserId(self.new_id()),
            username=wanted.username,
            email=wanted.email,
            password_hash=await self.hasher.hash(wanted.password),
            created_at=now,
            updated_at=now,
        )
        events = [user.registered(), *([user.take_roles(roles, at=now)] if roles else [])]
        async with self.begin() as tx:
            await tx.users.save(user, *events)
        return user


def _refusal(errors: tuple[FieldError, ...]) -> QuaysideError:
    if all(error.code == TAKEN for error in errors):
        return NameTakenError(error.field for error in errors)
    return ValidationFailedError(errors)


@frozen
class EnsureAdmin:
    """Make an Admin at the start of a service, unless its name was ever taken; change no account that exists."""

    register: RegisterUser
    users: UserQueries

    async def __call__(self, wanted: Registration) -> User | None:
        """
        Returns:
            The account if it was made here; None if there is, or was, one of that username.

        Raises:
            ValidationFailedError: *wanted* breaks rules.
            NameTakenError: the e-mail address is another account's.
        """
        if await self.users.taken(usernames=[wanted.username]):
            return None
        try:
            return await self.register(wanted, roles=[Role.ADMIN], occasion=Occasion.IMPORT)
        except NameTakenError as refusal:
            if any(error.field == "username" for error in refusal.field_errors):
                return None  # another process that starts beside this one was faster
            raise


@frozen
class Availability:
    """Whether names are free; None of what was not asked for."""

    username: bool | None
    email: bool | None


@frozen
class CheckAvailability:
    """Tell whether a username and an e-mail address are free."""

    users: UserQueries

    async def __call__(self, *, username: str | None = None, email: str | None = None) -> Availability:
        """
        Raises:
            ValidationFailedError: neither is asked for, or one can be nobody's.
        """
        if username is None and email is None:
            raise ValidationFailedError([FieldError("username", "or email is required", "required")])
        AVAILABILITY.check({"username": username, "email": email})
        taken = await self.users.taken(
            usernames=[username] if username is not None else (), emails=[email] if email is not None else ()
        )
        return Availability(
            username=None if username is None else username not in taken,
            email=None if email is None else email not in taken,
        )
