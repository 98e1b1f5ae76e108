"""What is sent about accounts and sessions."""

from typing import Annotated, Any

from pydantic import Field, PlainValidator
from pydantic_core import PydanticCustomError

from ...core.identity import (
    EMAIL_CHANGE,
    LOGIN,
    RESET_REQUEST,
    ROLES,
    STRENGTH,
    VERIFICATION,
    Registration,
    Role,
)
from ...core.kernel import Secret
from ...core.kernel.validation import Form
from ..composition import Application
from .models import RequestModel


def _secret(value: object) -> Secret:
    if not isinstance(value, str):
        raise PydanticCustomError("wrong_type", "must be a string")
    return Secret(value)


def _secret_field(example: str, **more: Any) -> Any:
    return Field(examples=[example], json_schema_extra={"type": "string", "format": "password"}, **more)


SecretText = Annotated[Secret, PlainValidator(_secret)]
"""A text that nothing here shows again."""

_USERNAME = "ada_lovelace"
_EMAIL = "ada@example.com"
_PASSWORD = "Analytical Engine 1843"  # noqa: S105 - an example
_TOKEN = "b2Ygbm8gdXNlIHRvIGFueWJvZHksIGFuIGV4YW1wbGU"  # noqa: S105 - an example


class RegisterRequest(RequestModel):
    """An account to be made."""

    username: str = Field(
        description="3-30 letters, digits and underscores; unique for ever, without regard to case.",
        examples=[_USERNAME],
        json_schema_extra={"pattern": "^[A-Za-z0-9_]{3,30}$"},
    )
    email: str = Field(
        description="Kept as typed; unique for ever, without regard to case.",
        examples=[_EMAIL],
        json_schema_extra={"maxLength": 254},
    )
    password: SecretText = _secret_field(_PASSWORD, description="Keeps the password policy.")

    @classmethod
    def rules(cls, application: Application) -> Form:
        return application.identity.register_user.rules.form

    def to_domain(self) -> Registration:
        return Registration(self.username, self.email, self.password)


class LoginRequest(RequestModel):
    """Who logs in."""

    username: str = Field(description="A username or an e-mail address.", examples=[_USERNAME])
    password: SecretText = _secret_field(_PASSWORD)

    @classmethod
    def rules(cls, application: Application) -> Form:  # noqa: ARG003 - the same in every application
        return LOGIN


class TokenRequest(RequestModel):
    """A token from a mail."""

    token: SecretText = _secret_field(_TOKEN)

    @classmethod
    def rules(cls, application: Application) -> Form:  # noqa: ARG003 - the same in every application
        return VERIFICATION


class PasswordResetRequest(RequestModel):
    """Whose password is forgotten."""

    email: str = Field(examples=[_EMAIL])

    @classmethod
    def rules(cls, application: Application) -> Form:  # noqa: ARG003 - the same in every application
        return RESET_REQUEST


class ResetPasswordRequest(RequestModel):
    """Another password, by a token from a mail."""

    token: SecretText = _secret_field(_TOKEN)
    new_password: SecretText = _secret_field(_PASSWORD, description="Keeps the password policy.")

    @classmethod
    def rules(cls, application: Application) -> Form:
        return application.identity.reset_password.rules.form


class ChangePasswordRequest(RequestModel):
    """Another password, by the present one."""

    current_password: SecretText = _secret_field(_PASSWORD)
    new_password: SecretText = _secret_field(_PASSWORD, description="Keeps the password policy.")

    @classmethod
    def rules(cls, application: Application) -> Form:
        return application.identity.change_password.rules.form


class ChangeUserRequest(RequestModel):
    """What changes of an account."""

    email: str = Field(
        description="Has to be verified anew.", examples=[_EMAIL], json_schema_extra={"maxLength": 254}
    )
    current_password: SecretText | None = Field(
        default=None,
        description="Whoever changes their own address shows that they are who they seem to be.",
        examples=[_PASSWORD],
        json_schema_extra={"oneOf": None, "type": ["string", "null"], "format": "password"},
    )

    @classmethod
    def rules(cls, application: Application) -> Form:  # noqa: ARG003 - the same in every application
        return EMAIL_CHANGE


class StrengthRequest(RequestModel):
    """A password to be judged; it is kept nowhere."""

    password: SecretText = _secret_field(_PASSWORD)
    user_inputs: list[str] | None = Field(
        default=None,
        description="What an attacker would try first: the name, the address.",
        examples=[[_USERNAME, _EMAIL]],
    )

    @classmethod
    def rules(cls, application: Application) -> Form:  # noqa: ARG003 - the same in every application
        return STRENGTH


class RolesRequest(RequestModel):
    """The roles an account is to have."""

    roles: list[str] = Field(
        description="`User` stays, whatever is asked for.",
        examples=[[Role.STAFF]],
        json_schema_extra={"items": {"type": "string", "enum": list(Role)}, "maxItems": len(Role)},
    )

    @classmethod
    def rules(cls, application: Application) -> Form:  # noqa: ARG003 - the same in every application
        return ROLES
