"""What schemathesis is told of the document, and what it judges answers by."""

import json
from typing import Any, Final

import schemathesis
from schemathesis import GenerationMode
from schemathesis.config import (
    CoveragePhaseConfig,
    FuzzingPhaseConfig,
    GenerationConfig,
    PhasesConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
    StatefulPhaseConfig,
)
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.transport import Response
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from ops.openapi import describe

SERVER_ERROR: Final = 500
NOT_SERVED: Final = {"model_not_served", "model_waking"}
"""The only 5xx that is nobody's fault: this stage has no such model, or it sleeps."""
EACH_BY_ITSELF: Final = {"/v1/inference/jobs/batch"}
"""What is wrong with one of a batch is said of that one, in an answer that is 200."""
CONFORMANCE: Final = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]


def schema(max_examples: int, *, coverage: bool = True) -> BaseSchema:
    """The document with so many random requests for each operation, the same in every run, and
    with `coverage` each bound of each field besides."""
    generation = GenerationConfig(
        max_examples=max_examples,
        deterministic=True,
        no_shrink=True,
        with_security_parameters=False,
    )
    phases = PhasesConfig(
        coverage=CoveragePhaseConfig(enabled=coverage, generation=generation),
        fuzzing=FuzzingPhaseConfig(generation=generation),
        stateful=StatefulPhaseConfig(enabled=False),
    )
    project = ProjectConfig(generation=generation, phases=phases)
    config = SchemathesisConfig(projects=ProjectsConfig(default=project))
    return schemathesis.openapi.from_dict(json.loads(describe()), config=config)


def judge(case: Any, response: Any) -> None:
    """Raises when an answer is an error of ours or not what the document says, or when what the
    document forbids was accepted."""
    case.validate_response(response, checks=CONFORMANCE)
    headers = case.meta.components.get(ParameterLocation.HEADER)
    if case.operation.path not in EACH_BY_ITSELF and (
        headers is None or headers.mode is GenerationMode.POSITIVE
    ):
        # Headers of no meaning to us are anybody's right, and schemathesis holds them for faults.
        case.validate_response(response, checks=[negative_data_rejection])
    if response.status_code >= SERVER_ERROR:
        assert _code(response) in NOT_SERVED, (case.as_curl_command(), response.content)


def _code(response: Response) -> str:
    """A refusal's machine code, whichever the family."""
    body: Any = response.json()
    if "error" in body:
        return str(body["error"]["code"])
    return str(body.get("metadata", body)["code"])
