"""What the sweeper does for jobs that nobody ended."""

from functions.inference.jobs import dispatch
from tests.inference import samples
from tests.inference.platform import Client, Platform, always
from tests.seam import Call, Fault
from tests.simulation.endpoints import Work

SILENT = Work(after_s=10**6)
QUIET_S = 66
"""An awake endpoint's silence, its wake-up of 5 s, and a moment."""


def submit(client: Client, **parts: str) -> str:
    job: str = client.submit("smollm2-135m", samples.PROMPT, **parts).json["id"]
    return job


def test_a_lost_notice_is_healed(platform: Platform, ada: Client) -> None:
    platform.deaf = True
    job = submit(ada)
    platform.clock.advance(QUIET_S)

    seen = platform.sweep()

    assert seen == {"seen": 1, "flows": 0}
    assert ada.job(job)["status"] == "succeeded"
    assert ada.spent_nanos == samples.CHAT_NANOS


def test_a_young_job_is_left_alone(platform: Platform, ada: Client) -> None:
    submit(ada)

    assert platform.sweep() == {"seen": 0, "flows": 0}


def test_a_silent_job_is_sent_again_with_the_same_name_at_most_twice(
    platform: Platform, ada: Client
) -> None:
    platform.model = always(SILENT)
    job = submit(ada)

    for _ in range(10):
        platform.clock.advance(QUIET_S)
        platform.sweep()

    sent = platform.endpoints.invocations
    assert len(sent) == 1 + dispatch.MAX_RESENDS
    assert len({(one.job, one.output_key, one.payload) for one in sent}) == 1
    assert ada.job(job)["status"] == "accepted"


def test_two_sweepers_send_a_job_again_once(platform: Platform, ada: Client) -> None:
    platform.model = always(SILENT)
    submit(ada)
    platform.clock.advance(QUIET_S)
    nested = [1]

    def sweep_meanwhile(call: Call) -> Fault | None:
        if call.operation == "UpdateItem" and nested:
            nested.pop()
            platform.sweep()
        return None

    platform.fault = sweep_meanwhile
    platform.sweep()

    assert len(platform.endpoints.invocations) == 2


def test_a_job_that_was_killed_before_it_was_sent_is_sent(platform: Platform, ada: Client) -> None:
    platform.fault = lambda call: (
        Fault.TIMEOUT_BEFORE if call.service == "sagemaker-runtime" else None
    )
    answer = ada.submit("smollm2-135m", samples.PROMPT)
    platform.fault = lambda call: None
    platform.clock.advance(QUIET_S)
    platform.sweep()
    platform.clock.advance(2)

    assert (answer.status, answer.json["status"]) == (202, "accepted")
    assert ada.job(answer.json["id"])["status"] == "succeeded"


def test_a_large_input_is_sent_again_from_s3_and_its_loss_costs_nothing(
    platform: Platform, ada: Client
) -> None:
    platform.model = always(SILENT)
    words = samples.prompt("word " * 1_500)
    kept = ada.submit("smollm2-135m", words).json["id"]
    lost = ada.submit("smollm2-135m", words).json["id"]
    del platform.objects[f"inputs/{lost}"]

    platform.clock.advance(QUIET_S)
    platform.sweep()

    assert [one.job for one in platform.endpoints.invocations].count(kept) == 2
    assert ada.job(lost)["error"]["code"] == "input_lost"


def test_past_its_deadline_a_job_expires_and_releases(platform: Platform, ada: Client) -> None:
    platform.model = always(SILENT)
    job = submit(ada)

    platform.clock.advance(3_600)
    platform.sweep()

    assert ada.job(job)["status"] == "expired"
    assert ada.job(job)["error"]["code"] == "deadline_exceeded"
    assert ada.spent_nanos == 0


def test_one_broken_job_does_not_keep_the_others(platform: Platform, ada: Client) -> None:
    platform.deaf = True
    first, second = submit(ada), submit(ada)
    platform.clock.advance(QUIET_S)
    platform.fault = lambda call: (
        Fault.SERVER_ERROR if call.service == "s3" and first in call.url else None
    )

    platform.sweep()

    assert ada.job(second)["status"] == "succeeded"
    assert ada.job(first)["status"] == "accepted"


def test_a_deadline_lies_beyond_everything_that_may_still_answer(
    platform: Platform, ada: Client
) -> None:
    ada.submit("smollm2-135m", samples.PROMPT)
    call = next(call for call in platform.calls if call.service == "sagemaker-runtime")
    header = "x-amzn-sagemaker-"
    longest_s = int(call.headers[f"{header}requestttlseconds"]) + int(
        call.headers[f"{header}invocationtimeoutseconds"]
    )

    job = platform.stage.scan("jobs")
    deadline_ms, created_ms = next(
        (item["deadline_ms"], item["created_ms"]) for item in job if item["sk"] == "JOB"
    )

    last_send_s = dispatch.MAX_RESENDS * QUIET_S
    assert (deadline_ms - created_ms) / 1000 > last_send_s + longest_s
