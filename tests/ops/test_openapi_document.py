"""What `openapi.json` promises readers and generated clients, of every operation alike."""

import json
from collections.abc import Iterator
from typing import Any, Final

import jsonschema_rs
import pytest

from ops.openapi import describe, families, refusals

type Document = dict[str, Any]

DOCUMENT: Final[Document] = json.loads(describe())
COMPONENTS: Final[Document] = DOCUMENT["components"]
RESPONSES: Final = "#/components/responses/"
SUCCESS: Final = ("200", "201", "202", "204", "302", "303")


def _operations() -> Iterator[tuple[str, str, Document]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            answers = {
                status: _followed(answer) for status, answer in operation["responses"].items()
            }
            yield path, method, operation | {"responses": answers}


def _followed(answer: Document) -> Document:
    """The answer, which the document may hold once for several operations."""
    name = answer.get("$ref", "").removeprefix(RESPONSES)
    return COMPONENTS["responses"][name] if name else answer


OPERATIONS: Final = list(_operations())
NAMES: Final = [operation["operationId"] for _, _, operation in OPERATIONS]

every_operation = pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=NAMES)


def faults(schema: Document, value: Any) -> list[str]:
    judge = jsonschema_rs.Draft202012Validator({"components": COMPONENTS} | schema)
    return [error.message for error in judge.iter_errors(value)]


def examples_of(content: Document) -> Document:
    """Named values, references followed."""
    return {
        name: COMPONENTS["examples"][one["$ref"].rpartition("/")[2]] if "$ref" in one else one
        for name, one in content.get("examples", {}).items()
    }


@every_operation
def test_an_operation_says_what_it_is_and_who_may_call_it(
    path: str, method: str, operation: Document
) -> None:
    assert operation["summary"]
    assert operation["description"].endswith((".", "`")), "a docstring of whole sentences"
    assert operation["tags"][0] in {tag["name"] for tag in DOCUMENT["tags"]}
    assert "security" in operation
    for required in operation["security"]:
        assert set(required) <= set(COMPONENTS["securitySchemes"])


@every_operation
def test_an_operation_shows_requests_and_answers_that_fit_their_schemas(
    path: str, method: str, operation: Document
) -> None:
    contents = list(operation.get("requestBody", {}).get("content", {}).values())
    for response in operation["responses"].values():
        contents += [
            content
            for media, content in response.get("content", {}).items()
            if "json" in media and "schema" in content
        ]

    for content in contents:
        shown = examples_of(content)
        assert shown
        for name, example in shown.items():
            assert not faults(content["schema"], example["value"]), name


@every_operation
def test_an_operation_names_its_refusals_in_its_family_s_shape(
    path: str, method: str, operation: Document
) -> None:
    family = families.of(path)
    answers = operation["responses"]

    refused = {status: answer for status, answer in answers.items() if status not in SUCCESS}

    assert {"500", "503"} <= set(refused)
    assert "default" not in answers
    if operation["security"]:
        assert {"401", "403"} & set(refused)
    if "requestBody" in operation:
        assert "413" in refused or family is families.NOVITA
    for answer in refused.values():
        content = answer["content"][family.media]
        assert content["schema"]["$ref"].endswith(f"/{family.schema}")
        assert content["examples"]


@every_operation
def test_every_answer_names_its_headers(path: str, method: str, operation: Document) -> None:
    for status, answer in operation["responses"].items():
        assert "x-request-id" in answer["headers"]
        assert set(answer["headers"]) <= set(COMPONENTS["headers"])
        if status in ("429", "503"):
            assert "Retry-After" in answer["headers"]


@pytest.mark.parametrize(
    "name", ["inference_submit_job", "openai_create_chat_completion", "novita_create_upscale"]
)
def test_what_costs_credit_may_be_refused_for_want_of_it(name: str) -> None:
    path, _, operation = next(entry for entry in OPERATIONS if entry[2]["operationId"] == name)
    family = families.of(path)
    for code in ("insufficient_credit", "rate_limited", "model_not_served"):
        status, _, _ = refusals.rendered(family, refusals.error(code))

        shown = operation["responses"][str(status)]["content"][family.media]["examples"]

        assert code in shown


def test_no_key_is_said_to_open_what_only_a_session_opens() -> None:
    keys = DOCUMENT["paths"]["/v1/auth/keys"]["post"]

    assert [list(required) for required in keys["security"]] == [["Session"]]


def test_every_example_that_is_written_belongs_to_an_operation() -> None:
    from ops.openapi.examples import written

    assert set(written()) <= set(NAMES)
