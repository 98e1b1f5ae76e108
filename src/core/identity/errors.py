"""How identity refuses."""

from collections.abc import Iterable

from ..kernel import (
    AuthenticationError,
    BusinessRuleError,
    ConflictError,
    ExternalServiceError,
    FieldError,
    NotFoundError,
    UserId,
)


class InvalidCredentialsError(AuthenticationError):
    """Unknown user or wrong password; nobody is told which."""

    code = "invalid_credentials"

    def __init__(self) -> None:
        super().__init__("The username or the password is wrong.")


class UnauthenticatedError(AuthenticationError):
    """No token, or none of ours."""

    def __init__(self) -> None:
        super().__init__("This takes a valid token.")


class SessionExpiredError(AuthenticationError):
    """The token was good once."""

    code = "session_expired"

    def __init__(self) -> None:
        super().__init__("The session has ended. Log in again.")


class NameTakenError(ConflictError):
    """
    Another account has, or once had, this name or address.

    Args:
        fields: Which of ``username`` and ``email``.
    """

    def __init__(self, fields: Iterable[str]) -> None:
        self.field_errors = tuple(FieldError(name, "is taken", "taken") for name in fields)
        super().__init__("This name or address is taken.")


class UserNotFoundError(NotFoundError):
    """There is no such user, or none that the caller may see."""

    def __init__(self, user_id: UserId, *, hidden: bool = False) -> None:
        super().__init__("There is no such user.", hidden=hidden, user_id=user_id)


class SessionNotFoundError(NotFoundError):
    """There is no such session of the caller's."""

    def __init__(self, *, hidden: bool = False) -> None:
        super().__init__("There is no such session.", hidden=hidden)


class LastAdminError(BusinessRuleError):
    """The last Admin can be neither demoted nor deleted: nobody could make another."""

    code = "last_admin"

    def __init__(self) -> None:
        super().__init__("The last Admin stays one.")


class MailNotSentError(ExternalServiceError):
    """
    Nobody took the letter over, as far as anybody told us.

    Args:
        reason: Why not; names no address.
    """

    def __init__(self, reason: str) -> None:
        super().__init__("The mail could not be sent.", reason=reason)
