"""Passwords: changed by who knows the old one, reset by who reads the mail, replaced by who runs the service."""

from collections.abc import Sequence
from contextlib import suppress

from attrs import frozen

from ...kernel import Clock, PermissionDeniedError, Principal, Secret, UserId, ValidationFailedError
from ...kernel.validation import AskingForm, Occasion
from ...resilience import RateLimitExceededError
from ..credentials import CheckPassword
from ..devices import UNKNOWN_DEVICE, Device
from ..entities import User
from ..errors import UserNotFoundError
from ..events import SessionEnd
from ..ids import SessionId
from ..ports import Begin, PasswordHasher, PasswordStrength, StrengthMeter, Transaction, UserQueries
from ..principals import PrincipalCache
from ..rules import BAD_TOKEN, RESET_REQUEST, STRENGTH
from ..tokens import TokenPurpose, hash_of
from .accounts import may_see
from .mailing import MailToken, refused_tokens_recorded
from .sessions import end_sessions


@frozen
class ChangePassword:
    """
    Set another password, knowing the old one; all other sessions end.

    Args:
        rules: `PasswordForms.change`.
    """

    begin: Begin
    users: UserQueries
    check_password: CheckPassword
    hasher: PasswordHasher
    rules: AskingForm
    principals: PrincipalCache
    clock: Clock

    async def __call__(
        self,
        principal: Principal,
        user_id: UserId,
        *,
        current_password: Secret,
        new_password: Secret,
        device: Device = UNKNOWN_DEVICE,
    ) -> None:
        """
        Raises:
            ValidationFailedError: with every rule that the new password breaks.
            UserNotFoundError: the caller may not see the account.
            PermissionDeniedError: the account is another's.
            RateLimitExceededError, InvalidCredentialsError: as of `CheckPassword`.
        """
        await self.rules.check(
            {"current_password": current_password, "new_password": new_password}, Occasion.CHANGE
        )
        if not may_see(principal, user_id):
            raise UserNotFoundError(user_id, hidden=True)
        if principal.user_id != user_id:
            raise PermissionDeniedError("Nobody but its owner changes a password.")
        user = await self.users.get(user_id)
        await self.check_password(user, user_id, current_password, device)
        event = user.change_password(await self.hasher.hash(new_password), at=self.clock())
        async with self.begin() as tx:
            await tx.users.save(user, event)
            await _end_what_the_old_one_opened(
                tx, user, SessionEnd.PASSWORD_CHANGED, keep=SessionId(principal.session_id)
            )
        self.principals.forget_user(user_id)


@frozen
class RequestPasswordReset:
    """
    Mail a link that resets the password to the account of an address, if there is one.

    It never tells: whoever asks gets their answer before this is done, because it takes longer where there is one.
    """

    users: UserQueries
    mail_token: MailToken

    async def __call__(self, email: str) -> None:
        """
        Raises:
            ValidationFailedError: *email* is none. Nothing else is for the eyes of who asked.
            MailNotSentError.
        """
        RESET_REQUEST.check({"email": email})
        user = await self.users.find_by_login(email)
        if user is not None:
            with suppress(RateLimitExceededError):
                await self.mail_token(user, TokenPurpose.PASSWORD_RESET)


@frozen
class ResetPassword:
    """
    Set another password by a mailed token; every session ends. A refused password does not use the token up.

    Args:
        rules: `PasswordForms.reset`.
    """

    begin: Begin
    hasher: PasswordHasher
    rules: AskingForm
    principals: PrincipalCache
    clock: Clock

    async def __call__(self, token: str, new_password: Secret) -> None:
        """
        Raises:
            ValidationFailedError: the token is none, was used or is too old; or with all that the password breaks.
        """
        async with refused_tokens_recorded(self.begin, self.clock):
            await self.rules.check({"token": token, "new_password": new_password}, Occasion.CHANGE)
            user = await self._reset(token, await self.hasher.hash(new_password))
        self.principals.forget_user(user.id)

    async def _reset(self, token: str, password_hash: str) -> User:
        now = self.clock()
        async with self.begin() as tx:
            taken = await tx.one_time_tokens.take(hash_of(token), TokenPurpose.PASSWORD_RESET)
            user = await tx.users.get(taken.user_id) if taken else None
            if not (taken and user and taken.is_good(user.email, at=now)):  # since it was looked at
                raise ValidationFailedError([BAD_TOKEN])
            await tx.users.save(user, user.reset_password(password_hash, at=now))
            await _end_what_the_old_one_opened(tx, user, SessionEnd.PASSWORD_RESET)
        return user


@frozen
class ReplacePassword:
    """
    Set another password for somebody, as who runs the service; every session ends.

    Args:
        rules: `PasswordForms.replacement`.
    """

    begin: Begin
    hasher: PasswordHasher
    rules: AskingForm
    principals: PrincipalCache
    clock: Clock

    async def __call__(self, user_id: UserId, new_password: Secret) -> None:
        """
        Raises:
            ValidationFailedError: with every rule that the password breaks.
            UserNotFoundError.
        """
        await self.rules.check({"new_password": new_password}, Occasion.CHANGE)
        password_hash = await self.hasher.hash(new_password)
        async with self.begin() as tx:
            user = await tx.users.get(user_id)
            await tx.users.save(user, user.reset_password(password_hash, at=self.clock()))
            await _end_what_the_old_one_opened(tx, user, SessionEnd.PASSWORD_RESET)
        self.principals.forget_user(user_id)


@frozen
class MeasureStrength:
    """Tell how hard a password would be to guess; nobody is asked for their name."""

    meter: StrengthMeter

    async def __call__(self, password: Secret, user_inputs: Sequence[str] = ()) -> PasswordStrength:
        """
        Args:
            user_inputs: What an attacker would try first: the user's name, address, town.

        Raises:
            ValidationFailedError: it is too much to look at.
        """
        STRENGTH.check({"password": password, "user_inputs": list(user_inputs)})
        return await self.meter.measure(password, user_inputs)


async def _end_what_the_old_one_opened(
    tx: Transaction, user: User, reason: SessionEnd, *, keep: SessionId | None = None
) -> None:
    await end_sessions(tx, user.id, reason, at=user.updated_at, keep=keep)
    await tx.one_time_tokens.discard_of(user.id, TokenPurpose.PASSWORD_RESET)
