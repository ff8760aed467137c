"""Nothing gets past the detectors: not when they object, not when they fail."""

import pytest

from tests.inference import samples
from tests.inference.platform import Client, Platform, always
from tests.seam import Call, Fault, Reply, error
from tests.simulation.detectors import DOUBTFUL, FORBIDDEN
from tests.simulation.endpoints import Work

DETECTORS = {"bedrock-runtime", "rekognition"}


def picture(shows: str = "") -> str:
    return samples.base64_of(samples.picture(shows=shows))


def break_detectors(platform: Platform, fault: Fault, after: int = 0) -> None:
    """From their call number `after` on."""
    seen: list[Call] = []

    def decide(call: Call) -> Fault | None:
        if call.service not in DETECTORS:
            return None
        seen.append(call)
        return fault if len(seen) > after else None

    platform.fault = decide


@pytest.mark.parametrize(
    ("model", "given"),
    [
        ("smollm2-135m", samples.prompt(f"Something {FORBIDDEN}.")),
        ("e5-small", {"input": ["fine", FORBIDDEN]}),
        ("span-x4", {"image": picture(FORBIDDEN)}),
    ],
)
def test_a_forbidden_input_never_reaches_a_model_and_costs_nothing(
    platform: Platform, ada: Client, model: str, given: object
) -> None:
    answer = ada.submit(model, given)

    assert (answer.status, answer.json["status"]) == (200, "blocked")
    assert answer.json["error"]["code"] == "content_blocked"
    assert "violence" in answer.json["error"]["message"]
    assert platform.endpoints.invocations == []
    assert ada.spent_nanos == 0


def test_a_forbidden_answer_is_never_shown_and_costs_nothing(
    platform: Platform, ada: Client
) -> None:
    platform.model = always(Work(output=samples.completion(f"Well, {FORBIDDEN}.")))

    job = ada.submit("smollm2-135m", samples.PROMPT, prefer="wait").json

    assert (job["status"], job["error"]["code"]) == ("blocked", "content_blocked")
    assert FORBIDDEN not in str(ada.job(job["id"]))
    assert list(platform.objects) == []
    assert ada.spent_nanos == 0


def test_a_forbidden_picture_is_never_linked_and_not_kept(platform: Platform, ada: Client) -> None:
    platform.model = always(Work(output=samples.picture(32, 24, shows=FORBIDDEN)))

    job = ada.submit("span-x4", {"image": picture()}, prefer="wait").json

    assert (job["status"], job["result"]) == ("blocked", None)
    assert not [key for key in platform.objects if key.startswith(("results/", "raw/"))]
    assert ada.spent_nanos == 0


def test_what_is_flagged_passes_and_is_on_record_for_both_sides(
    platform: Platform, ada: Client
) -> None:
    platform.model = always(Work(output=samples.completion(DOUBTFUL)))

    job = ada.submit("smollm2-135m", samples.prompt(DOUBTFUL), prefer="wait").json
    item = next(item for item in platform.stage.scan("jobs") if item["sk"] == "JOB")

    assert job["status"] == "succeeded"
    assert item["flagged"] is True
    assert {stage: said["action"] for stage, said in item["verdicts"].items()} == {
        "input": "flag",
        "output": "flag",
    }


@pytest.mark.parametrize("fault", [Fault.TIMEOUT_BEFORE, Fault.TIMEOUT_AFTER, Fault.SERVER_ERROR])
@pytest.mark.parametrize(
    ("model", "given"), [("smollm2-135m", samples.PROMPT), ("span-x4", {"image": picture()})]
)
def test_without_a_verdict_on_the_input_no_model_sees_it(
    platform: Platform, ada: Client, fault: Fault, model: str, given: object
) -> None:
    break_detectors(platform, fault)

    answer = ada.submit(model, given)
    for _ in range(20):
        platform.clock.advance(66)
        platform.sweep()

    assert (answer.status, answer.json["status"]) == (202, "accepted")
    assert platform.endpoints.invocations == []
    assert ada.job(answer.json["id"])["status"] == "expired"
    assert ada.spent_nanos == 0


def test_once_the_detectors_are_back_the_input_goes_on(platform: Platform, ada: Client) -> None:
    break_detectors(platform, Fault.SERVER_ERROR)
    job = ada.submit("smollm2-135m", samples.PROMPT).json["id"]

    platform.fault = lambda call: None
    platform.clock.advance(66)
    platform.sweep()
    platform.clock.advance(2)

    assert ada.job(job)["status"] == "succeeded"


@pytest.mark.parametrize("fault", [Fault.TIMEOUT_BEFORE, Fault.SERVER_ERROR])
@pytest.mark.parametrize(
    ("model", "given"), [("smollm2-135m", samples.PROMPT), ("span-x4", {"image": picture()})]
)
def test_without_a_verdict_on_the_output_nothing_leaves_and_nothing_is_charged(
    platform: Platform, ada: Client, fault: Fault, model: str, given: object
) -> None:
    break_detectors(platform, fault, after=1)

    job = ada.submit(model, given).json["id"]
    platform.clock.advance(5)
    meanwhile = ada.job(job)
    held = ada.money["held"]
    for _ in range(20):
        platform.clock.advance(66)
        platform.sweep()

    assert (meanwhile["status"], meanwhile["result"]) == ("accepted", None)
    assert held > 0
    assert len(platform.failures) == 1
    assert platform.results == []
    assert ada.job(job)["status"] == "expired"
    assert ada.spent_nanos == 0


def test_once_the_detectors_are_back_the_output_is_delivered(
    platform: Platform, ada: Client
) -> None:
    break_detectors(platform, Fault.SERVER_ERROR, after=1)
    job = ada.submit("smollm2-135m", samples.PROMPT).json["id"]
    platform.clock.advance(70)

    platform.fault = lambda call: None
    platform.sweep()

    assert ada.job(job)["status"] == "succeeded"
    assert ada.spent_nanos == samples.CHAT_NANOS


def test_a_picture_that_cannot_be_screened_is_refused_for_good(
    platform: Platform, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.seam.doubles["rekognition"] = Unreadable()

    answer = ada.submit("span-x4", {"image": picture()})

    assert (answer.json["status"], answer.json["error"]["code"]) == ("failed", "unscreenable")
    assert ada.spent_nanos == 0


class Unreadable:
    def answer(self, call: Call) -> Reply:
        return error(call, "InvalidImageFormatException", 400)
