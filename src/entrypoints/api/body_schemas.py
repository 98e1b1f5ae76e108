"""How request bodies are described."""

from inspect import getdoc
from typing import Any

from litestar.openapi.spec import Schema
from litestar.plugins.pydantic import PydanticSchemaPlugin
from litestar.typing import FieldDefinition

from .models import BodyModel


class BodySchemaPlugin(PydanticSchemaPlugin):
    """Says of a body what the framework leaves out: what it is, and that it has no other fields."""

    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:
        return isinstance(value, type) and issubclass(value, BodyModel)

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Schema:
        schema = self.for_pydantic_model(field_definition, schema_creator)
        schema.description = getdoc(field_definition.annotation)
        schema.additional_properties = False
        return schema
