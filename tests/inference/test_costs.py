"""How many calls to AWS an operation makes once its caches are warm."""

from typing import Any

import pytest

from sluice.limits import limits_of
from tests.inference import samples
from tests.inference.platform import Client, Platform
from tests.simulation.endpoints import Work


@pytest.fixture
def warm(platform: Platform, ada: Client) -> Platform:
    """A process that has served this customer before."""
    ada.submit("smollm2-135m", samples.PROMPT, prefer="wait")
    platform.calls.clear()
    return platform


@pytest.mark.parametrize(
    ("model", "given", "detector"),
    [
        ("smollm2-135m", samples.PROMPT, "ApplyGuardrail"),
        ("e5-small", {"input": "x"}, "ApplyGuardrail"),
        ("span-x4", {"image": samples.base64_of(samples.picture())}, "DetectModerationLabels"),
    ],
)
def test_a_job_is_accepted_with_four_calls(
    warm: Platform, ada: Client, model: str, given: Any, detector: str
) -> None:
    answer = ada.submit(model, given)

    assert answer.status == 202
    assert warm.operations() == [
        "UpdateItem",  # rate
        "TransactWriteItems",  # hold, job and slot
        detector,
        "InvokeEndpointAsync",
    ]


def test_a_cold_key_costs_one_call_more(warm: Platform, ada: Client) -> None:
    warm.clock.advance(4)

    ada.submit("smollm2-135m", samples.PROMPT)

    assert warm.operations()[0] == "GetItem"
    assert len(warm.calls) == 5


def test_a_large_input_costs_one_call_more_and_its_screening_in_parts(
    warm: Platform, ada: Client
) -> None:
    ada.submit("smollm2-135m", samples.prompt("word " * 1_500))

    others = [name for name in warm.operations() if name != "ApplyGuardrail"]
    assert others == ["UpdateItem", "TransactWriteItems", "PutObject", "InvokeEndpointAsync"]


def test_a_text_job_is_completed_with_six_calls(warm: Platform, ada: Client) -> None:
    ada.submit("smollm2-135m", samples.PROMPT)
    warm.calls.clear()

    warm.clock.advance(2)

    assert warm.operations() == [
        "GetItem",  # the job
        "GetObject",  # the output
        "ApplyGuardrail",
        "TransactWriteItems",  # settle, end and give the slot back
        "GetItem",  # the job as it stands
        "GetItem",  # whether others wait for its slot
    ]


def test_looking_at_a_job_costs_one_call(warm: Platform, ada: Client) -> None:
    job = ada.submit("smollm2-135m", samples.PROMPT, prefer="wait").json["id"]
    warm.calls.clear()

    ada.job(job)

    assert warm.operations() == ["GetItem"]


@pytest.mark.parametrize("nanos", [0, 10])
def test_who_cannot_pay_costs_no_screening_and_no_gpu(warm: Platform, nanos: int) -> None:
    poor = warm.customer(nanos)
    warm.calls.clear()

    poor.submit("smollm2-135m", samples.PROMPT | {"max_tokens": 100})

    assert {call.service for call in warm.calls} == {"dynamodb"}


def test_a_job_that_must_wait_is_accepted_with_two_calls(warm: Platform, ada: Client) -> None:
    warm.model = lambda invocation, earlier: Work(after_s=10**6)
    for _ in range(limits_of("free").in_flight + 1):
        ada.submit("smollm2-135m", samples.PROMPT)
    warm.calls.clear()

    ada.submit("smollm2-135m", samples.PROMPT)

    assert warm.operations() == ["UpdateItem", "TransactWriteItems"]
