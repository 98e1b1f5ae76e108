"""What answers have in common: each is described by what it is, and shows itself by an example."""

from dataclasses import dataclass
from datetime import UTC, datetime
from inspect import getdoc
from typing import Any, Self
from uuid import UUID

import msgspec
from litestar.openapi.spec import Schema
from litestar.openapi.spec.base import BaseSchemaObject
from litestar.params import KwargDefinition
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition

from ...core.kernel import InternalError

EXAMPLE_USER_ID = UUID("0192d3a4-7c1e-7b7a-8a3e-2f1d4c5b6a77")
EXAMPLE_TIME = datetime(2026, 11, 20, 9, 30, 0, 123456, tzinfo=UTC)


class NoExampleError(InternalError):
    """Something is answered, and nobody can see what it looks like."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} has no example.")


class AnswerModel(msgspec.Struct):
    """What is answered where nothing is refused."""

    @classmethod
    def example(cls) -> Self:
        """One as it could be answered; the description shows it beside every operation that answers so."""
        raise NoExampleError(cls.__name__)


@dataclass
class Shown(BaseSchemaObject):
    """An example as it is; left to itself, the framework would leave out whatever is null."""

    value: object

    @classmethod
    def of(cls, answer: AnswerModel) -> Self:
        return cls(msgspec.json.decode(msgspec.json.encode(answer)))

    def to_schema(self) -> Any:
        return self.value


def told(description: str, **schema: Any) -> KwargDefinition:
    """What a field of an answer means, where its name alone does not say it."""
    return KwargDefinition(description=description, schema_extra=schema)


class AnswerSchemaPlugin(OpenAPISchemaPlugin):
    """Says of an answer what the framework leaves out: what it is."""

    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:
        return isinstance(value, type) and issubclass(value, msgspec.Struct)

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Schema:
        types = field_definition.get_type_hints(include_extras=True, resolve_generics=True)
        fields = msgspec.structs.fields(field_definition.annotation)
        schema: Schema = schema_creator.create_component_schema(
            field_definition,
            required=sorted(field.name for field in fields if field.required),
            property_fields={
                field.name: FieldDefinition.from_annotation(types[field.name], name=field.name)
                for field in fields
            },
        )
        schema.description = getdoc(field_definition.annotation)
        return schema
