"""The address of an account, and whether it is its owner's."""

from typing import Final

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
from ...resilience import RateLimit, RateLimiter, RateLimitExceededError
from ..credentials import CheckPassword
from ..devices import UNKNOWN_DEVICE, Device
from ..entities import User
from ..ports import Begin, UserQueries
from ..rules import BAD_TOKEN, EMAIL_CHANGE, VERIFICATION
from ..tokens import TokenPurpose, hash_of
from .accounts import require_may_change
from .mailing import MailToken, refused_tokens_recorded

EMAIL_CHANGES_OF_ACCOUNT: Final = RateLimit("email_changes_of_account", 5, 60 * 60)


@frozen
class ChangeEmail:
    """
    Give an account another address, which nobody has verified yet. Links mailed to the old one are void.

    An address once taken is for ever, and a refusal tells that it is taken, so nobody may try many.
    """

    begin: Begin
    users: UserQueries
    check_password: CheckPassword
    limiter: RateLimiter
    clock: Clock
    limit: RateLimit = EMAIL_CHANGES_OF_ACCOUNT

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
            RateLimitExceededError, InvalidCredentialsError: as of `CheckPassword`; the former also where the
                address of the account was to be changed too often.
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
        verdict = await self.limiter.hit(self.limit, str(user_id))
        if not verdict.allowed:
            raise RateLimitExceededError(verdict)
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
        async with refused_tokens_recorded(self.begin, self.clock), self.begin() as tx:
            taken = await tx.one_time_tokens.take(hash_of(token), TokenPurpose.EMAIL_VERIFICATION)
            user = await tx.users.get(taken.user_id) if taken else None
            if not (taken and user and taken.is_good(user.email, at=now)):
                raise ValidationFailedError([BAD_TOKEN])
            await tx.users.save(user, user.verify_email(at=now))
