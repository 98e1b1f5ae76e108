"""The description of the API for people: one page that needs no script, and nothing from elsewhere."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from litestar import MediaType, Request
from litestar.openapi.plugins import OpenAPIRenderPlugin

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
code, pre { font: 0.9em ui-monospace, monospace }
summary { cursor: pointer; padding: 0.3rem 0 }
table { border-collapse: collapse; width: 100%; margin: 0.5rem 0 }
th, td { border-bottom: 1px solid #8884; padding: 0.2rem 1rem 0.2rem 0; text-align: left; vertical-align: top }
"""


class ReferencePage(OpenAPIRenderPlugin):
    """Shows the operations, their parameters and answers, and the schemas of both."""

    def __init__(self) -> None:
        super().__init__(path="/", media_type=MediaType.HTML)

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        info = openapi_schema["info"]
        title = escape(f"{info['title']} {info['version']}")
        page = [
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>',
            f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>',
            f"<h1>{title}</h1><p>{escape(info['description'])}</p>",
            f'<p>As <a href="{self.get_openapi_json_route(request)}">OpenAPI</a>.</p>',
            *(_section(tag, openapi_schema["paths"]) for tag in openapi_schema["tags"]),
            "<h2>Schemas</h2>",
            *(_schema(name, schema) for name, schema in openapi_schema["components"]["schemas"].items()),
        ]
        return "\n".join(page).encode()


def _section(tag: Mapping[str, Any], paths: Mapping[str, Any]) -> str:
    operations = [
        _operation(f"{method.upper()} {path}", operation)
        for path, item in paths.items()
        for method, operation in item.items()
        if tag["name"] in operation["tags"]
    ]
    return f"<h2>{escape(tag['name'])}</h2><p>{escape(tag['description'])}</p>{''.join(operations)}"


def _operation(line: str, operation: Mapping[str, Any]) -> str:
    parameters = [
        (_code(parameter["name"]), _type(parameter["schema"]), escape(parameter.get("description", "")))
        for parameter in operation.get("parameters", ())
    ]
    body = [("body", _content(operation["requestBody"]), "")] if "requestBody" in operation else []
    answers = [
        (_code(status), _content(answer), escape(answer["description"]))
        for status, answer in sorted(operation["responses"].items())
    ]
    return (
        f"<details><summary>{_code(line)} {escape(operation['summary'])}</summary>"
        f"<p>{escape(operation['description'])}</p><p>{_access(operation)}</p>"
        f"{_table([*parameters, *body])}{_table(answers)}</details>"
    )


def _access(operation: Mapping[str, Any]) -> str:
    if "security" not in operation:
        return "Anyone may call it."
    permission = operation.get("x-permission")
    return f"Takes a login that allows {_code(permission)}." if permission else "Takes a login."


def _schema(name: str, schema: Mapping[str, Any]) -> str:
    required = schema.get("required", ())
    rows = [
        (_code(field if field in required else f"{field}?"), _type(part), escape(part.get("description", "")))
        for field, part in schema.get("properties", {}).items()
    ]
    return (
        f'<h3 id="{name}">{name}</h3><p>{escape(schema.get("description", ""))}</p>'
        f"{_table(rows) if rows else _type(schema)}"
    )


def _content(carrier: Mapping[str, Any]) -> str:
    return ", ".join(_type(content["schema"]) for content in carrier.get("content", {}).values())


def _type(schema: Mapping[str, Any]) -> str:
    match schema:
        case {"$ref": str(reference)}:
            name = reference.rpartition("/")[2]
            return f'<a href="#{name}">{name}</a>'
        case {"oneOf": list(options)}:
            return " or ".join(map(_type, options))
        case {"enum": list(values)}:
            return ", ".join(map(_code, values))
        case {"type": "array", "items": items}:
            return f"list of {_type(items)}"
        case {"type": list(types)}:
            return " or ".join(types)
        case _:
            return escape(schema.get("format") or schema.get("type", "anything"))


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    cells = ("".join(f"<td>{cell}" for cell in row) for row in rows)
    return f"<table>{''.join(f'<tr>{row}' for row in cells)}</table>"
