"""What lets webhooks out, and nothing else with them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from stacks.config import STAGES
from tests.stacks.assemblies import STAGES_HERE, functions, resources, statements
from tests.stacks.test_grants import allowed


@pytest.mark.parametrize("stage", STAGES_HERE)
def test_a_message_of_one_receiver_is_a_batch_of_its_own(
    synthesized: Mapping[str, Any], stage: str
) -> None:
    mappings = resources(synthesized[stage], "AWS::Lambda::EventSourceMapping").values()

    (webhooks,) = [
        mapping["Properties"]
        for mapping in mappings
        if "-webhooks" in json.dumps(mapping["Properties"]["EventSourceArn"])
    ]

    assert webhooks["BatchSize"] == 1


def test_webhooks_reach_loopback_on_a_laptop_alone(synthesized: Mapping[str, Any]) -> None:
    for stage, wanted in (("local", "1"), ("prod", "0"), ("everything", "0")):
        for name, function in functions(synthesized[stage]).items():
            given = function["Environment"]["Variables"].get("WEBHOOKS_REACH_LOOPBACK")
            assert given == (wanted if name.startswith("inference-") else None), name

    with pytest.raises(ValueError, match="loopback on local stages only"):
        replace(STAGES["prod"], webhooks_reach_loopback=True)


def test_who_talks_to_strangers_is_in_no_vpc_and_reaches_no_file_and_no_money(
    synthesized: Mapping[str, Any],
) -> None:
    attempts = functions(synthesized["prod"])["inference-attempts"]

    granted = list(allowed(synthesized["prod"], "inference-attempts"))

    assert "VpcConfig" not in attempts
    kinds = {action.split(":")[0] for action, _ in granted}
    assert kinds == {"dynamodb", "secretsmanager", "sqs", "logs"}
    touched = " ".join(resource for _, resource in granted)
    assert "-ledger" not in touched
    (accounts,) = [
        statement
        for name, statement in statements(synthesized["prod"])
        if "attempts" in name.lower() and "-accounts" in json.dumps(statement["Resource"])
    ]
    assert accounts["Action"] == "dynamodb:GetItem"
    keys = accounts["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
    assert keys == ["ACCOUNT#*"]
