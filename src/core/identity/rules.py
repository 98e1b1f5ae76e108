"""What accounts have to keep: every limit, for every way in."""

from asyncio import gather
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import Final
from unicodedata import category

from attrs import evolve, field, frozen

from ..kernel import Clock, FieldError, Secret
from ..kernel.validation import (
    AskingForm,
    CountFailure,
    Form,
    Occasion,
    OutsideRule,
    Question,
    Row,
    Rule,
    ask,
    each,
    email,
    max_length,
    min_length,
    one_of,
    required,
    size,
    text,
    username,
)
from ..kernel.validation import field as row
from .errors import UserNotFoundError
from .policy import Role
from .ports import Begin, BreachedPasswords, UserQueries
from .tokens import TokenPurpose, hash_of

_MOST: Final = 1024

TAKEN: Final = "taken"
BAD_TOKEN: Final = FieldError("token", "is not valid, or not any more", "invalid_token")


class PasswordPolicy(StrEnum):
    """What makes a password good enough, beside not being known to be breached."""

    COMPOSITION = "composition"
    """8 characters, with an upper-case letter, a lower-case letter and a digit of any script."""
    NIST = "nist"
    """15 characters, whatever they are (NIST SP 800-63B-4, 3.1.1.2)."""


@frozen
class Registration:
    """An account as it is asked for."""

    username: str = field(repr=False)
    email: str = field(repr=False)
    password: Secret


def _secret(rule: Rule) -> Rule:
    """*rule* for a text that may be a `Secret`."""
    holds = rule.holds
    return evolve(
        rule,
        of=str | Secret,
        holds=lambda value: holds(value.reveal() if isinstance(value, Secret) else value),
    )


def _contains(code: str, what: str, general_category: str) -> Rule:
    # Each different character is looked at once, so that a megabyte of one letter costs nothing.
    message = f"must contain {what}"
    return Rule(code, message, str, lambda value: general_category in map(category, set(value)))


_SAFE_SECRET: Final = _secret(text)
_LENGTHS: Final = {PasswordPolicy.COMPOSITION: 8, PasswordPolicy.NIST: 15}
_COMPOSITION: Final = (
    _contains("no_upper", "an upper-case letter", "Lu"),
    _contains("no_lower", "a lower-case letter", "Ll"),
    _contains("no_digit", "a digit", "Nd"),
)


def password_rules(policy: PasswordPolicy) -> tuple[Rule, ...]:
    """What a new password has to keep, but for breaches."""
    composition = _COMPOSITION if policy is PasswordPolicy.COMPOSITION else ()
    return (_SAFE_SECRET, *map(_secret, (min_length(_LENGTHS[policy]), max_length(_MOST), *composition)))


def not_breached(breaches: BreachedPasswords) -> OutsideRule:
    """Not a password that others have lost. Nobody asks about one that an operator brings in."""

    async def breaking(passwords: Sequence[Secret], occasion: Occasion) -> Collection[Secret]:
        if occasion is Occasion.IMPORT:
            return ()
        known = await gather(*map(breaches.contains, passwords))
        return [password for password, is_known in zip(passwords, known, strict=True) if is_known]

    return OutsideRule("breached", "is known from a data breach", breaking)


def not_taken(look_up: Callable[[Sequence[str]], Awaitable[Collection[str]]]) -> OutsideRule:
    """Not a name that some account has or had."""

    async def breaking(names: Sequence[str], _: Occasion) -> Collection[str]:
        return await look_up(names)

    return OutsideRule(TAKEN, "is taken", breaking)


def usable_token(begin: Begin, purpose: TokenPurpose, clock: Clock) -> OutsideRule:
    """A token that was mailed to the present address of its user, was not used yet, and is not too old."""

    async def is_usable(token: str) -> bool:
        async with begin() as tx:
            kept = await tx.one_time_tokens.find(hash_of(token), purpose)
            if kept is None:
                return False
            with suppress(UserNotFoundError):  # gone since, and the token with it
                return kept.is_good((await tx.users.get(kept.user_id)).email, at=clock())
        return False

    async def breaking(tokens: Sequence[str], _: Occasion) -> Collection[str]:
        return [token for token in tokens if not await is_usable(token)]

    return OutsideRule(BAD_TOKEN.code, BAD_TOKEN.message, breaking)


@frozen
class PasswordForms:
    """
    The forms of everything that sets a password.

    Args:
        breaches: Asked about every new password that is good otherwise.
        count: Told of every rule that is broken.
    """

    policy: PasswordPolicy
    breaches: BreachedPasswords
    count: CountFailure

    def registration(self, users: UserQueries) -> AskingForm:
        """Of a `Registration`."""
        return self._form(
            "password",
            USERNAME,
            EMAIL,
            questions=(
                ask("username", not_taken(lambda names: users.taken(usernames=names))),
                ask("email", not_taken(lambda emails: users.taken(emails=emails))),
            ),
        )

    def change(self) -> AskingForm:
        """Of ``current_password`` and ``new_password``."""
        return self._form("new_password", row("current_password", required, _SAFE_SECRET))

    def reset(self, begin: Begin, clock: Clock) -> AskingForm:
        """Of a mailed ``token`` and ``new_password``."""
        usable = usable_token(begin, TokenPurpose.PASSWORD_RESET, clock)
        return self._form("new_password", TOKEN, questions=(ask("token", usable),))

    def replacement(self) -> AskingForm:
        """Of ``new_password`` alone."""
        return self._form("new_password")

    def _form(self, name: str, *others: Row, questions: Iterable[Question] = ()) -> AskingForm:
        password = row(name, required, *password_rules(self.policy))
        return AskingForm(
            Form(*others, password),
            *questions,
            ask(name, not_breached(self.breaches)),
            count=self.count,
        )


USERNAME: Final = row("username", required, username)
EMAIL: Final = row("email", required, email)
TOKEN: Final = row("token", required, text)

LOGIN: Final = Form(row("username", required, text), row("password", required, _SAFE_SECRET))
EMAIL_CHANGE: Final = Form(EMAIL, row("current_password", _SAFE_SECRET))
RESET_REQUEST: Final = Form(EMAIL)
VERIFICATION: Final = Form(TOKEN)
AVAILABILITY: Final = Form(row("username", username), row("email", email))
ROLES: Final = Form(row("roles", required, size(0, len(Role)), each(required, one_of(*Role))))
STRENGTH: Final = Form(
    row("password", required, _secret(max_length(_MOST)), _SAFE_SECRET),
    row("user_inputs", size(0, 20), each(required, max_length(254), text)),
)
