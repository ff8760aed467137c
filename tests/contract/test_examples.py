"""The document's own examples of requests are good ones: the services accept them."""

import json
from typing import Any, Final

import pytest

from ops.openapi import describe
from sluice.http import FORM
from tests.contract import gateway
from tests.contract.asker import Asker

NOT_HERE: Final = {
    "upload_not_found",
    "model_not_served",
    "invalid_code",
    "wrong_credentials",
    "wrong_password",
    "invitation_unknown",
    "not_an_organization",
    "sign_in_expired",
    "wrong_second_factor",
}
"""What an example may name that this stage lacks: a file, a model, a person, a sign-in begun,
an organization."""


def _examples() -> list[Any]:
    return [
        pytest.param(method.upper(), path, operation, example["value"], id=f"{name}: {label}")
        for path, methods in json.loads(describe())["paths"].items()
        for method, operation in methods.items()
        for name in [operation["operationId"]]
        for media, content in operation.get("requestBody", {}).get("content", {}).items()
        for label, example in content["examples"].items()
        if media != FORM and "{" not in path and not path.startswith("/v3/openai/")
    ]


@pytest.mark.parametrize(("method", "path", "operation", "body"), _examples())
def test_an_example_is_accepted(
    method: str, path: str, operation: dict[str, Any], body: Any, asker: Asker
) -> None:
    caller = asker.caller_of(operation)

    answer = caller.request(method, gateway.URL + path, json=body)

    assert answer.ok or any(code in answer.text.lower() for code in NOT_HERE), answer.text
