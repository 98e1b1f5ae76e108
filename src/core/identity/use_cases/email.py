"""The address of an account, and whether it is its owner's."""

from attrs import frozen

from ...kernel import (
    ANY_VERSION,
    Clock,
    ExpectedVersion,
    FieldError,
    Principal,
    Secret,
    UserId,
    ValidationFailedError,
)
from ..credentials import CheckPassword
from ..devices import UNKNOWN_DEVICE, Device
from ..entities import User
from ..ports import Begin, UserQueries
from ..rules import BAD_TOKEN, EMAIL_CHANGE, VERIFICATION
from ..tokens import TokenPurpose, hash_of
from .accounts import require_may_change
from .mailing import MailToken


@frozen
class ChangeEmail:
    """Give an account another address, which nobody has verified yet. Links mailed to the old one are void."""

    begin: Begin
    users: UserQueries
    check_password: CheckPassword
    clock: Clock

    async def __call__(  # noqa: PLR0913 - none of them belongs to another
        self,
        principal: Principal,
        user_id: UserId,
        email: str,
        *,
        current_password: Secret | None = None,
        device: Device = UNKNOWN_DEVICE,
        expected: ExpectedVersion = ANY_VERSION,
    ) -> User:
        """
        Args:
            current_password: The owner's; an operator needs none for somebody else's account.
            expected: In which version the caller knows the account.

        Raises:
            ValidationFailedError: *email* is none, or the owner did not say their password.
            UserNotFoundError: there is no such account, or the caller may not see it.
            PermissionDeniedError: the caller sees it, but may not change it.
            RateLimitExceededError, InvalidCredentialsError: as of `CheckPassword`.
            StalePreconditionError: the account has another version.
            NameTakenError: the address is, or was, another account's.
        """
        EMAIL_CHANGE.check({"email": email, "current_password": current_password})
        require_may_change(principal, user_id)
        user = await self.users.get(user_id)
        if principal.user_id == user_id:
            if current_password is None:
                raise ValidationFailedError([FieldError("current_password", "is required", "required")])
            await self.check_password(user, user_id, current_password, device)
        expected.require(user.version)
        event = user.change_email(email, at=self.clock())
        with expected.through_races():
            async with self.begin() as tx:
                await tx.users.save(user, event)
                for purpose in TokenPurpose:
                    await tx.one_time_tokens.discard_of(user_id, purpose)
        return user


@frozen
class RequestEmailVerification:
    """Mail the caller a link that verifies their address; nothing to do where it is verified."""

    users: UserQueries
    mail_token: MailToken

    async def __call__(self, principal: Principal) -> None:
        """
        Raises:
            RateLimitExceededError, MailNotSentError: as of `MailToken`.
        """
        user = await self.users.get(principal.user_id)
        if not user.email_verified:
            await self.mail_token(user, TokenPurpose.EMAIL_VERIFICATION)


@frozen
class VerifyEmail:
    """Note that whoever has the mailed token reads the account's mail."""

    begin: Begin
    clock: Clock

    async def __call__(self, token: str) -> None:
        """
        Raises:
            ValidationFailedError: the token is none, was used, is too old, or went to another address.
        """
        VERIFICATION.check({"token": token})
        now = self.clock()
        async with self.begin() as tx:
            taken = await tx.one_time_tokens.take(hash_of(token), TokenPurpose.EMAIL_VERIFICATION)
            if taken is None or now >= taken.expires_at:
                raise ValidationFailedError([BAD_TOKEN])
            user = await tx.users.get(taken.user_id)
            if user.email != taken.email:
                raise ValidationFailedError([BAD_TOKEN])
            await tx.users.save(user, user.verify_email(at=now))
