"""IAM is enforced: a function can do what its role grants, and nothing else."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from local.parts import STAGE
from tests.e2e.product import Person, Product, chat, code_of, submit

pytestmark = pytest.mark.xdist_group("platform")

FUNCTION = f"{STAGE.prefix}-inference-api"


@contextmanager
def without(product: Product, table: str, action: str) -> Iterator[None]:
    """The door of inference, its role's statements that allow `action` on `table` taken away."""
    iam, functions = product.aws("iam"), product.aws("lambda")
    role = functions.get_function_configuration(FunctionName=FUNCTION)["Role"].rpartition("/")[2]
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    granted = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    document = granted if isinstance(granted, dict) else json.loads(granted)
    rest = [each for each in document["Statement"] if not _allows(each, action, table)]
    assert len(rest) == len(document["Statement"]) - 1
    iam.delete_role_policy(RoleName=role, PolicyName=name)
    iam.put_role_policy(
        RoleName=role,
        PolicyName=name,
        PolicyDocument=json.dumps(document | {"Statement": rest}),
    )
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


def _allows(statement: dict[str, Any], action: str, table: str) -> bool:
    resources = statement["Resource"]
    named = resources if isinstance(resources, list) else [resources]
    return action in statement["Action"] and any(name.endswith(f"/{table}") for name in named)


def test_without_its_grant_on_the_ledger_no_job_is_accepted(
    product: Product, customer: Person
) -> None:
    money = customer.money
    jobs = customer.program.call("GET", "/v1/inference/jobs")["data"]

    with without(product, f"{STAGE.prefix}-ledger", "dynamodb:UpdateItem"):
        refused = submit(customer.program, "smollm2-135m", chat("Say hello."))

    assert code_of(refused) == (503, "service_unavailable")
    assert customer.money == money
    assert customer.program.call("GET", "/v1/inference/jobs")["data"] == jobs
    again = submit(customer.program, "smollm2-135m", chat("Say hello."), wait_s=25)
    assert again.json()["status"] == "succeeded"
