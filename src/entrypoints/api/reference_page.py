"""The description of the API for people: one page that needs no script, and nothing from elsewhere."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

from litestar import MediaType, Request
from litestar.openapi.plugins import OpenAPIRenderPlugin

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; scroll-padding-top: 1rem }
body { max-width: 72rem; margin: 0 auto; padding: 2rem 1.25rem 6rem }
h1 { margin: 0 } h2 { margin: 3rem 0 0; text-transform: capitalize } h3 { margin: 2rem 0 0 }
h4 { margin: 1.25rem 0 0.25rem; font-size: 1em }
p { margin: 0.4rem 0; max-width: 48rem } a { color: light-dark(#0b57d0, #8ab4f8) }
code, pre { font: 0.875em/1.5 ui-monospace, Menlo, Consolas, monospace }
p code, td code { background: #8882; border-radius: 0.25rem; padding: 0.1em 0.3em }
pre { background: #8881; border: 1px solid #8883; border-radius: 0.375rem; margin: 0.5rem 0; padding: 0.75rem 1rem;
  overflow-x: auto }
details { border: 1px solid #8883; border-radius: 0.375rem; margin: 0.5rem 0 }
details:target, details[open] { border-color: #8888 }
summary { cursor: pointer; display: flex; flex-wrap: wrap; gap: 0.1rem 0.75rem; align-items: baseline;
  padding: 0.4rem 0.75rem }
summary:hover { background: #8881 } summary span { margin-left: auto; opacity: 0.8 }
details > div { padding: 0 0.75rem 0.75rem; overflow-x: auto }
b { border-radius: 0.25rem; color: #fff; font: 700 0.75rem/1.6 ui-monospace, monospace; text-align: center;
  width: 4.25rem }
.get { background: #1a6fb5 } .post { background: #1b7f4b } .put, .patch { background: #9a5b00 }
.delete { background: #b3261e }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid #8883; padding: 0.3rem 1rem 0.3rem 0; text-align: left; vertical-align: top }
th { font-size: 0.8em; opacity: 0.7 } td:first-child { white-space: nowrap }
@media (max-width: 48rem) { table { display: block; overflow-x: auto } }
"""


class ReferencePage(OpenAPIRenderPlugin):
    """Shows the operations, their parameters and answers with examples, and the schemas of both."""

    def __init__(self) -> None:
        super().__init__(path="/", media_type=MediaType.HTML)

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        info = openapi_schema["info"]
        title = escape(f"{info['title']} {info['version']}")
        tags = [tag["name"] for tag in openapi_schema["tags"]]
        links = " · ".join(f'<a href="#{name}">{name}</a>' for name in (*tags, "schemas"))
        page = [
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>',
            '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">',
            f"<style>{_STYLE}</style>",
            f"<h1>{title}</h1>{_prose(info['description'])}",
            f'<p>The same for programs: <a href="{self.get_openapi_json_route(request)}">OpenAPI 3.1</a>.</p>',
            f"<nav>{links}</nav>",
            *(_section(tag, openapi_schema["paths"]) for tag in openapi_schema["tags"]),
            '<h2 id="schemas">Schemas</h2>',
            *(_schema(name, schema) for name, schema in openapi_schema["components"]["schemas"].items()),
        ]
        return "\n".join(page).encode()


def _section(tag: Mapping[str, Any], paths: Mapping[str, Any]) -> str:
    operations = [
        _operation(method, path, operation)
        for path, item in paths.items()
        for method, operation in item.items()
        if tag["name"] in operation["tags"]
    ]
    return f'<h2 id="{tag["name"]}">{tag["name"]}</h2>{_prose(tag["description"])}{"".join(operations)}'


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    parts = [
        _prose(operation["description"]),
        f"<p>{_access(operation)}</p>",
        *_parameters(operation.get("parameters", ())),
        *_body(operation.get("requestBody")),
        *_answers(operation["responses"]),
    ]
    return (
        f'<details id="{operation["operationId"]}"><summary><b class="{method}">{method.upper()}</b> {_code(path)} '
        f"<span>{escape(operation['summary'])}</span></summary><div>{''.join(parts)}</div></details>"
    )


def _access(operation: Mapping[str, Any]) -> str:
    if "security" not in operation:
        return "Anyone may call it."
    permission = operation.get("x-permission")
    return f"Takes a login that allows {_code(permission)}." if permission else "Takes a login."


def _parameters(parameters: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    rows = [
        (_code(each["name"]), each["in"], _type(each["schema"]), _inline(each.get("description", "")))
        for each in parameters
    ]
    if rows:
        yield f"<h4>Parameters</h4>{_table(('name', 'in', 'type', 'meaning'), rows)}"


def _body(body: Mapping[str, Any] | None) -> Iterator[str]:
    if body:
        yield f"<h4>Body: {_content(body)}</h4>{_examples(body)}"


def _answers(answers: Mapping[str, Any]) -> Iterator[str]:
    shared = set.intersection(*(set(answer["headers"]) for answer in answers.values()))
    rows = [
        (
            _code(status),
            _inline(answer["description"]) + (_examples(answer) if status < "400" else ""),
            _content(answer),
            _names(name for name in answer["headers"] if name not in shared),
        )
        for status, answer in sorted(answers.items())
    ]
    yield f"<h4>Answers</h4><p>Each with {_names(sorted(shared))}.</p>"
    yield _table(("status", "meaning", "content", "headers"), rows)


def _examples(carrier: Mapping[str, Any]) -> str:
    contents = carrier.get("content", {}).values()
    alone = [content["example"] for content in contents if "example" in content]
    named = [each["value"] for content in contents for each in content.get("examples", {}).values()]
    return "".join(f"<pre>{escape(_written(example))}</pre>" for example in (*alone, *named))


def _written(example: object) -> str:
    return example if isinstance(example, str) else json.dumps(example, indent=2, ensure_ascii=False)


def _schema(name: str, schema: Mapping[str, Any]) -> str:
    required = schema.get("required", ())
    rows = [
        (
            _code(field if field in required else f"{field}?"),
            _type(part),
            _inline(part.get("description", "")),
        )
        for field, part in schema.get("properties", {}).items()
    ]
    table = _table(("field", "type", "meaning"), rows) if rows else f"<p>{_type(schema)}</p>"
    return f'<h3 id="{name}">{name}</h3>{_prose(schema.get("description", ""))}{table}'


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


def _prose(text: str) -> str:
    return "".join(f"<p>{_inline(paragraph)}</p>" for paragraph in text.split("\n\n") if paragraph)


def _inline(text: str) -> str:
    return re.sub("`+([^`]+)`+", r"<code>\1</code>", escape(text))


def _names(names: Iterable[str]) -> str:
    return ", ".join(map(_code, names))


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def _table(names: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    head = "".join(f"<th>{name}" for name in names)
    cells = ("".join(f"<td>{cell}" for cell in row) for row in rows)
    return f"<table><tr>{head}{''.join(f'<tr>{row}' for row in cells)}</table>"
