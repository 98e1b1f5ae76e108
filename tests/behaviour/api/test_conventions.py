"""What every operation in the description of the API declares, whoever adds it."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import frozen
from jsonschema import Draft202012Validator

from builders.described import description

DOCUMENT = description()
SCHEMAS: Mapping[str, Any] = DOCUMENT["components"]["schemas"]
SAFE = {"get"}


@frozen
class Described:
    """One operation as it is described."""

    method: str
    path: str
    facts: Mapping[str, Any]

    @property
    def is_versioned(self) -> bool:
        return self.path.startswith("/api/v1/")

    @property
    def statuses(self) -> set[str]:
        return set(self.facts["responses"])

    @property
    def errors(self) -> Mapping[str, Any]:
        """The answers by which it refuses; not those that tell how the service is."""
        answers: Mapping[str, Any] = self.facts["responses"]
        of_health = {"503"} if self.path.startswith("/health") else set()
        return {status: answers[status] for status in answers if status >= "400" and status not in of_health}


OPERATIONS = [
    Described(method, path, facts)
    for path, item in DOCUMENT["paths"].items()
    for method, facts in item.items()
]


def each_operation(rule: Callable[[Described], None]) -> Callable[[], None]:
    """One test of them all, for one of each would take longer than the rule; a failure tells whose it is."""

    def test() -> None:
        for operation in OPERATIONS:
            try:
                rule(operation)
            except BaseException as failure:
                failure.add_note(f"This is about {operation.facts['operationId']}.")
                raise

    return test


def is_valid(value: object, schema: Mapping[str, Any]) -> bool:
    return Draft202012Validator({**schema, "components": {"schemas": SCHEMAS}}).is_valid(value)


def resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    return SCHEMAS[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def examples_of(content: Mapping[str, Any]) -> list[Any]:
    """All examples of a body or an answer."""
    alone = [content["example"]] if "example" in content else []
    return alone + [each["value"] for each in content.get("examples", {}).values()]


def schemas_within(schema: Any) -> Iterator[Mapping[str, Any]]:
    match schema:
        case dict():
            yield schema
            for part in schema.values():
                yield from schemas_within(part)
        case list():
            for part in schema:
                yield from schemas_within(part)


@each_operation
def test_an_operation_is_described(operation: Described) -> None:
    assert operation.facts["summary"]
    assert not operation.facts["summary"].endswith(".")
    assert operation.facts["description"].endswith(".")
    for parameter in operation.facts.get("parameters", ()):
        assert parameter["description"].endswith("."), parameter["name"]
    for status, answer in operation.facts["responses"].items():
        assert re.fullmatch(r".+[.`]", answer["description"]), status


@each_operation
def test_an_operation_has_one_tag_that_is_described(operation: Described) -> None:
    (tag,) = operation.facts["tags"]

    assert tag in {each["name"] for each in DOCUMENT["tags"] if each["description"]}


def test_no_two_operations_share_an_id() -> None:
    ids = [operation.facts["operationId"] for operation in OPERATIONS]

    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch("[a-z]+(_[a-z]+)+", each) for each in ids)


@each_operation
def test_an_operation_says_who_may_call_it(operation: Described) -> None:
    asked = {name for requirement in operation.facts.get("security", ()) for name in requirement}

    assert asked in (set(), set(DOCUMENT["components"]["securitySchemes"]))
    if asked:
        assert "401" in operation.statuses
        assert ("403" in operation.statuses) >= (operation.method not in SAFE)
    assert ("x-permission" in operation.facts) <= bool(asked)


@each_operation
def test_an_operation_declares_the_errors_that_its_kind_can_have(operation: Described) -> None:
    kinds = {
        "an operation": (True, {"500", "504"}),
        "one that is counted": (operation.is_versioned, {"400", "429", "503"}),
        "one with a body": ("requestBody" in operation.facts, {"400", "413", "415"}),
        "one with an id in its path": ("{" in operation.path, {"404"}),
    }
    for kind, (is_such, statuses) in kinds.items():
        assert not is_such or statuses <= operation.statuses, kind


@each_operation
def test_every_error_is_described_in_both_forms_by_examples_that_are_valid(operation: Described) -> None:
    forms = {"application/json": "ErrorResponse", "application/problem+json": "ProblemDetails"}
    for status, answer in operation.errors.items():
        schemas = {form: content["schema"]["$ref"] for form, content in answer["content"].items()}
        assert schemas == {form: f"#/components/schemas/{name}" for form, name in forms.items()}, status
        for content in answer["content"].values():
            assert is_valid(content["example"], content["schema"]), status
        assert answer["content"]["application/problem+json"]["example"]["status"] == int(status)


@each_operation
def test_a_body_has_an_example_that_is_valid(operation: Described) -> None:
    if "requestBody" not in operation.facts:
        return
    content = operation.facts["requestBody"]["content"]["application/json"]

    (example,) = examples_of(content)

    assert is_valid(example, content["schema"])
    assert not is_valid({**example, "nonsense": 1}, content["schema"])


@each_operation
def test_a_body_may_be_left_out_exactly_where_each_of_its_fields_may(operation: Described) -> None:
    if "requestBody" not in operation.facts:
        return
    body = operation.facts["requestBody"]

    needed = resolved(body["content"]["application/json"]["schema"]).get("required")

    assert body.get("required", False) is bool(needed)


@each_operation
def test_every_answer_with_content_has_an_example_that_is_valid_and_shows_every_field(
    operation: Described,
) -> None:
    for status in operation.statuses - operation.errors.keys():
        for content in operation.facts["responses"][status].get("content", {}).values():
            (example,) = examples_of(content)
            assert is_valid(example, content["schema"]), status
            assert resolved(content["schema"]).get("properties", {}).keys() == (
                example.keys() if isinstance(example, dict) else set()
            )


@each_operation
def test_an_answer_without_content_declares_none(operation: Described) -> None:
    for status, answer in operation.facts["responses"].items():
        empty = status in {"204", "304"} or (status == "202" and "Location" not in answer["headers"])
        assert ("content" in answer) != empty, status


@each_operation
def test_an_operation_declares_the_headers_that_its_kind_of_answers_has(operation: Described) -> None:
    takes_keys = any(each["name"] == "Idempotency-Key" for each in operation.facts.get("parameters", ()))
    for status, answer in operation.facts["responses"].items():
        refused = status in operation.errors
        kinds = {
            "an answer": (True, {"X-Request-ID", "traceparent"}),
            "one that is counted": (operation.is_versioned, {"RateLimit-Limit", "RateLimit-Remaining"}),
            "one about somebody": (operation.is_versioned, {"RateLimit-Reset", "Cache-Control"}),
            "who are you": (refused and status == "401", {"WWW-Authenticate"}),
            "not now": (refused and status in {"429", "503"}, {"Retry-After"}),
            "not yet": (takes_keys and status == "409", {"Retry-After"}),
            "one that is kept": (
                takes_keys and (status < "300" or status in {"402", "422"}),
                {"Idempotent-Replayed"},
            ),
            # A card is shown nowhere.
            "made": (
                status == "201" and "{" not in operation.path and "cards" not in operation.path,
                {"Location"},
            ),
            "a single thing": (status == "304", {"ETag"}),
        }
        for kind, (is_such, headers) in kinds.items():
            assert not is_such or headers <= answer["headers"].keys(), (status, kind)


def test_every_header_is_described() -> None:
    for operation in OPERATIONS:
        for answer in operation.facts["responses"].values():
            for name, header in answer["headers"].items():
                declared = DOCUMENT["components"]["headers"][name] if "$ref" in header else header
                assert declared["description"].endswith("."), name
                assert declared["schema"]["type"] in {"string", "integer"}, name


def test_every_example_and_default_is_valid() -> None:
    for schema in schemas_within(DOCUMENT):
        if {"type", "$ref", "oneOf", "anyOf", "enum"} & schema.keys():
            for example in schema.get("examples", ()):
                assert is_valid(example, schema), schema
            if "default" in schema:
                assert is_valid(schema["default"], schema), schema


def test_every_schema_is_one() -> None:
    for name, schema in SCHEMAS.items():
        Draft202012Validator.check_schema(schema)
        assert schema.get("type") or schema.get("enum"), name
        assert schema["description"].endswith("."), name


def test_every_reference_leads_somewhere() -> None:
    for schema in schemas_within(DOCUMENT):
        if "$ref" in schema:
            kind, name = schema["$ref"].removeprefix("#/components/").split("/")
            assert name in DOCUMENT["components"][kind]
