"""The record of flagged and blocked jobs: from the jobs' stream to GET /v1/content/verdicts."""

from typing import Any

import pytest

from functions.content.api import handler as api
from functions.content.verdicts import handler
from sluice.moderation import Finding, Verdict
from tests import events
from tests.events import Answer, call
from tests.replaced import NOON_MS
from tests.seeds import give_key
from tests.stage import Stage

READ = frozenset({"content:read"})
PATH = "/v1/content/verdicts"


def verdict(action: Any, category: str = "violence") -> dict[str, Any]:
    findings = (Finding(category, action, "HIGH", "guardrail:sluicelocal:1"),)
    kept = findings if action != "allow" else ()
    return Verdict(action, kept, "2026-11-01", "guardrail:sluicelocal:1", ("minors",)).as_item()


def job(id_: str = "job_1", account: str = "acc_1", **verdicts: Any) -> dict[str, Any]:
    """A job's item as far as it matters here; its input must not reach the record."""
    return {
        "pk": f"JOB#{id_}",
        "sk": "JOB",
        "id": id_,
        "account": account,
        "model": "smollm2-135m",
        "created_ms": NOON_MS,
        "input": "THE SECRET PROMPT",
        "flagged": True,
        "verdicts": verdicts,
    }


def tell(*jobs: dict[str, Any]) -> list[str]:
    """Send a batch of the stream; gives the sequence numbers that failed."""
    records = []
    for number, image in enumerate(jobs, 1):
        keys = {"pk": image["pk"], "sk": "JOB"}
        batch = events.stream("sluice-test-jobs", "MODIFY", keys, new=image, sequence=number)
        records += batch["Records"]
    answer = handler({"Records": records}, events.Context())
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def ask(key: str, **query: str) -> Answer:
    return call(api, "GET", PATH, bearer=key, query=query)


def test_nobody_reads_a_record_without_a_credential(aws: Stage) -> None:
    assert call(api, "GET", PATH).status == 401


def test_a_record_is_its_accounts_alone(aws: Stage) -> None:
    tell(job(input=verdict("block")))
    cursor = ask(give_key(aws, "acc_1", scopes=READ), limit="1").json["next_cursor"]

    stranger = give_key(aws, "acc_2", scopes=READ)

    assert ask(stranger).json["data"] == []
    assert cursor is None or ask(stranger, cursor=cursor).json["data"] == []


def test_a_key_without_the_scope_is_refused(aws: Stage) -> None:
    assert ask(give_key(aws, "acc_1")).status == 403


def test_a_blocked_job_is_on_the_record_without_its_content(aws: Stage) -> None:
    assert tell(job(input=verdict("block"))) == []

    [entry] = ask(give_key(aws, "acc_1", scopes=READ)).json["data"]

    assert entry == {
        "object": "verdict",
        "job": "job_1",
        "model": "smollm2-135m",
        "stage": "input",
        "action": "block",
        "findings": [
            {
                "category": "violence",
                "action": "block",
                "score": "HIGH",
                "detector": "guardrail:sluicelocal:1",
            }
        ],
        "policy": "2026-11-01",
        "unscreened": ["minors"],
        "created_at": "2026-11-25T12:00:00.000Z",
    }
    assert "SECRET" not in str(aws.scan("content"))


def test_each_stage_is_recorded_once_however_often_it_is_told(aws: Stage) -> None:
    flagged = job(input=verdict("flag"))
    ended = job(input=verdict("flag"), output=verdict("block", "pornography"))

    assert tell(flagged, flagged, ended) == []
    assert tell(ended) == []

    entries = ask(give_key(aws, "acc_1", scopes=READ)).json["data"]
    assert sorted((entry["stage"], entry["action"]) for entry in entries) == [
        ("input", "flag"),
        ("output", "block"),
    ]


def test_what_stands_on_the_record_is_never_rewritten(aws: Stage) -> None:
    tell(job(input=verdict("block")))

    assert tell(job(input=verdict("flag"))) == []

    [entry] = ask(give_key(aws, "acc_1", scopes=READ)).json["data"]
    assert entry["action"] == "block"


def test_a_stage_that_was_allowed_is_not_recorded(aws: Stage) -> None:
    tell(job(input=verdict("allow"), output=verdict("flag")))

    assert [item["stage"] for item in aws.scan("content")] == ["output"]


def test_a_record_ends_after_a_year(aws: Stage) -> None:
    tell(job(input=verdict("block")))

    [item] = aws.scan("content")
    assert item["ttl"] == NOON_MS // 1000 + 365 * 24 * 3600


def test_a_poisoned_record_fails_alone(aws: Stage) -> None:
    poison = job("job_bad", input={"action": "block"})

    failed = tell(poison, job("job_2", input=verdict("block")))

    assert failed == [f"{1:021d}"]
    assert [item["job"] for item in aws.scan("content")] == ["job_2"]


def test_a_removed_job_leaves_the_record_alone(aws: Stage) -> None:
    gone = job(input=verdict("block"))
    keys = {"pk": gone["pk"], "sk": "JOB"}

    answer = handler(events.stream("sluice-test-jobs", "REMOVE", keys, old=gone), events.Context())

    assert answer == {"batchItemFailures": []}


def test_pages_list_newest_first(aws: Stage) -> None:
    for number in range(5):
        tell(job(f"job_{number}", input=verdict("flag")) | {"created_ms": NOON_MS + number})
    key = give_key(aws, "acc_1", scopes=READ)

    first = ask(key, limit="3").json
    second = ask(key, limit="3", cursor=first["next_cursor"]).json

    assert [entry["job"] for entry in [*first["data"], *second["data"]]] == [
        f"job_{number}" for number in (4, 3, 2, 1, 0)
    ]
    assert second["next_cursor"] is None


@pytest.mark.parametrize("cursor", ["x", "%%%", "bm90aGluZw"])
def test_a_cursor_that_no_page_gave_is_refused(aws: Stage, cursor: str) -> None:
    answer = ask(give_key(aws, "acc_1", scopes=READ), cursor=cursor)

    assert (answer.status, answer.json["code"]) == (422, "invalid_input")
