"""What the description says of every operation alike: who may call it, its ids, the two forms of its errors."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, Operation, Parameter, Reference

from .errors import ErrorBody, Refusal
from .problem_details import PROBLEM_JSON, written
from .problem_types import PROBLEM_TYPES

_JSON = "application/json"
_SCHEMAS = "#/components/schemas/"
_REQUEST_ID = "0192d3a4-7c1e-7b7a-8a3e-2f1d4c5b6a7a"

# The code that stands for the others of its status.
_CODES: Mapping[str, str] = {
    "400": "validation_failed",
    "401": "unauthorized",
    "402": "card_declined",
    "403": "forbidden",
    "404": "not_found",
    "405": "method_not_allowed",
    "406": "not_acceptable",
    "409": "conflict",
    "412": "precondition_failed",
    "413": "payload_too_large",
    "415": "unsupported_media_type",
    "422": "business_rule_violation",
    "429": "rate_limit_exceeded",
    "500": "internal_error",
    "502": "external_service_error",
    "503": "service_unavailable",
    "504": "timeout",
}

_EXTRAS: Mapping[str, Mapping[str, Any]] = {
    "402": {"decline_code": "insufficient_funds", "payment_id": UUID("0192d3a4-7c1e-7b7a-8a3e-2f1d4c5b6a78")}
}


@dataclass
class DescribedOperation(Operation):
    """An operation that says what its caller must be allowed to do."""

    x_permission: str | None = field(default=None, metadata={"alias": "x-permission"})

    def __post_init__(self) -> None:
        for parameter in self.parameters or ():
            if (
                isinstance(parameter, Parameter)
                and parameter.param_in == "path"
                and not parameter.description
            ):
                parameter.description = f"The id of the {parameter.name.removesuffix('_id')}."
        for status, response in (self.responses or {}).items():
            if status >= "400" and isinstance(response, OpenAPIResponse) and _is_error(response):
                response.content = _errors_of(status)


def _is_error(response: OpenAPIResponse) -> bool:
    schemas = [content.schema for content in (response.content or {}).values()]
    names = [schema.ref for schema in schemas if isinstance(schema, Reference)]
    return any(name.endswith(("ErrorResponse", "ProblemDetails")) for name in names)


def _errors_of(status: str) -> dict[str, OpenAPIMediaType]:
    code = _CODES[status]
    body = ErrorBody(code=code, message=PROBLEM_TYPES[code].text, **_EXTRAS.get(status, {}))
    refusal = Refusal(int(status), body, {})
    forms = {_JSON: "ErrorResponse", PROBLEM_JSON: "ProblemDetails"}
    return {
        form: OpenAPIMediaType(
            Reference(f"{_SCHEMAS}{schema}"),
            example=json.loads(written(refusal, _REQUEST_ID, _asking_for(form)).content),
        )
        for form, schema in forms.items()
    }


def _asking_for(form: str) -> dict[str, Any]:
    return {"headers": [(b"accept", form.encode())]}
