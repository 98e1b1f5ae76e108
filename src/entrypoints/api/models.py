"""What every request body has in common: its shape is checked here, its rules in the core, in one answer."""

import re
from abc import abstractmethod
from collections.abc import Mapping
from decimal import Decimal
from itertools import islice
from typing import Annotated, Self, get_args
from uuid import UUID

from pydantic import BaseModel, ConfigDict, PlainValidator, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from ...core.kernel import FieldError, ValidationFailedError
from ...core.kernel.validation import Form
from ..composition import Application
from .exact_json import MAX_FIELD_ERRORS, JsonObject

_INDEX = re.compile(r"[0-9]{1,6}")  # of an item; a body has no more
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

_SHAPE_ERRORS: Mapping[str, tuple[str, str]] = {
    "missing": ("required", "is required"),
    "extra_forbidden": ("unknown_field", "is not a field of this request"),
    "string_type": ("wrong_type", "must be a string"),
    "int_type": ("wrong_type", "must be an integer"),
    "bool_type": ("wrong_type", "must be true or false"),
    "dict_type": ("wrong_type", "must be an object"),
    "model_type": ("wrong_type", "must be an object"),
    "list_type": ("wrong_type", "must be a list"),
}


class BodyModel(BaseModel):
    """
    An object in a request body: its fields and their types, and nothing but them.

    What a field may hold is not said here, but by the rules of the core.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    @classmethod
    def example(cls) -> dict[str, object]:
        """What the examples of its fields make together."""
        shown: dict[str, object] = {}
        for name, field in cls.model_fields.items():
            model = _model_of(field.annotation)
            if field.examples:
                shown[name] = field.examples[0]
            elif model:
                shown[name] = model.example()
        return shown


class RequestModel(BodyModel):
    """A whole request body."""

    @classmethod
    def may_be_left_out(cls) -> bool:
        """Whether no body at all says as much as an empty object, because every field is optional."""
        return not any(field.is_required() for field in cls.model_fields.values())

    @classmethod
    @abstractmethod
    def rules(cls, application: Application) -> Form:
        """The core's rules for this request."""

    @classmethod
    def read(cls, sent: JsonObject, application: Application) -> Self:
        """
        Take a request as it was sent. Rules are asked here only where the shape is wrong, else by the use case.

        Raises:
            ValidationFailedError: names, numbers, shapes or types are wrong; with the errors of the core's rules for
                the other fields, in the order of this model.
        """
        errors = list(sent.field_errors)
        try:
            model = cls.model_validate(sent.members)
        except ValidationError as misshapen:
            unreadable = {error.field for error in errors}
            errors += [e for e in cls._shape_errors(misshapen, sent) if e.field not in unreadable]
        else:
            if not errors:
                return model
        # What is missing is absent to the core's rules, too, which may ask for something else in its place.
        skipped = {error.field for error in errors if error.code != "required"}
        missing = {error.field for error in errors} - skipped
        broken = cls.rules(application).errors(sent.members, skip=skipped)
        errors += [error for error in broken if error.field not in missing]
        raise ValidationFailedError(sorted(errors, key=lambda error: _place(cls, error.field.split("."))))

    @classmethod
    def _shape_errors(cls, misshapen: ValidationError, sent: JsonObject) -> list[FieldError]:
        """As many as are shown: what pydantic has to say of a hundred thousand takes longer than to ask it again."""
        if misshapen.error_count() > MAX_FIELD_ERRORS:
            try:
                cls.model_validate(_shown_part(sent.members, cls))
            except ValidationError as fewer:
                misshapen = fewer
        # In the order of the model, what is unknown last: those cut off here are those that would be later.
        found = misshapen.errors(include_url=False, include_context=False, include_input=False)
        return [_shape_error(error) for error in found[:MAX_FIELD_ERRORS]]


def _shown_part(sent: object, model: type[BodyModel] | None) -> object:
    """*sent* without those unknown names of which no error would be shown."""
    if model is None or not isinstance(sent, Mapping):
        return sent
    fields = {
        name: _model_of(model.model_fields[name].annotation) for name in sent if name in model.model_fields
    }
    unknown = islice((name for name in sent if name not in fields), MAX_FIELD_ERRORS)
    return {name: _shown_part(sent[name], fields.get(name)) for name in (*fields, *unknown)}


def _shape_error(error: ErrorDetails) -> FieldError:
    path = ".".join(map(str, error["loc"]))
    # A type not in the table is one of our own below, whose message says nothing of the value.
    code, message = _SHAPE_ERRORS.get(error["type"], (error["type"], error["msg"]))
    return FieldError(path, message, code)


def _place(model: type[BodyModel] | None, path: list[str]) -> list[int]:
    """Where a field stands in the model, level by level; what is unknown stands last."""
    if path and _INDEX.fullmatch(path[0]):
        return [int(path[0]), *_place(model, path[1:])]
    names = list(model.model_fields) if model else []
    if model is None or not path or path[0] not in names:
        return [len(names)]
    return [names.index(path[0]), *_place(_model_of(model.model_fields[path[0]].annotation), path[1:])]


def _model_of(annotation: object) -> type[BodyModel] | None:
    """The model in ``Model``, ``Model | None``, ``list[Model]``."""
    if isinstance(annotation, type) and issubclass(annotation, BodyModel):
        return annotation
    return next(filter(None, map(_model_of, get_args(annotation))), None)


def _amount(value: object) -> str | Decimal | int:
    if isinstance(value, bool) or not isinstance(value, str | Decimal | int):
        raise PydanticCustomError("wrong_type", "must be a string or a number")
    return value


def uuid_of(text: str) -> UUID:
    """
    The id that *text* is the canonical form of.

    Raises:
        ValueError: it is something else, or one of the many other forms that `UUID` takes.
    """
    if not _UUID.fullmatch(text):
        raise ValueError("not a UUID")
    return UUID(text)


def _uuid(value: object) -> UUID:
    if not isinstance(value, str):
        raise PydanticCustomError("wrong_type", "must be a string")
    try:
        return uuid_of(value)
    except ValueError:
        raise PydanticCustomError("invalid_format", "must be a UUID") from None


Amount = Annotated[str | Decimal | int, PlainValidator(_amount)]
"""An amount in major units: a string, or a JSON number read exactly."""

Uuid = Annotated[UUID, PlainValidator(_uuid)]
"""An id in its canonical form."""
