"""Lists of jobs."""

import pytest

from tests.inference import samples
from tests.inference.platform import Client, Platform, always
from tests.simulation.endpoints import Work

JOBS = "/v1/inference/jobs"


def submit_many(platform: Platform, client: Client, count: int) -> list[str]:
    made = []
    for _ in range(count):
        platform.clock.advance(1)
        made.append(client.submit("e5-small", {"input": "x"}).json["id"])
    return made


def follow(client: Client, **query: str) -> list[str]:
    """All pages, one after the other."""
    found: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(40):
        page = client.get(JOBS, query=query | cursor).json
        found += [job["id"] for job in page["data"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    return found


@pytest.mark.parametrize("limit", ["1", "2", "5", "100"])
def test_cursors_neither_lose_nor_repeat_whatever_comes_meanwhile(
    platform: Platform, ada: Client, limit: str
) -> None:
    made = submit_many(platform, ada, 7)
    first = ada.get(JOBS, query={"limit": limit}).json
    submit_many(platform, ada, 2)
    rest = (
        follow(ada, limit=limit, until=first["data"][-1]["created_at"])
        if first["next_cursor"]
        else []
    )

    assert [job["id"] for job in first["data"]] + rest == list(reversed(made))
    assert follow(ada, limit=limit, order="oldest")[:7] == made


@pytest.mark.parametrize("limit", ["1", "3"])
def test_a_filter_finds_the_few_among_the_many(platform: Platform, ada: Client, limit: str) -> None:
    submit_many(platform, ada, 6)
    chat = ada.submit("smollm2-135m", samples.PROMPT).json["id"]
    submit_many(platform, ada, 6)

    assert follow(ada, task="chat", limit=limit) == [chat]
    assert follow(ada, key="key_none", limit=limit) == []


def test_since_counts_and_until_does_not(platform: Platform, ada: Client) -> None:
    made = submit_many(platform, ada, 4)
    times = {job["id"]: job["created_at"] for job in ada.get(JOBS).json["data"]}

    assert follow(ada, since=times[made[1]], until=times[made[3]]) == [made[2], made[1]]


@pytest.mark.parametrize("name", ["since", "until", "order"])
def test_a_bound_that_means_nothing_is_refused(ada: Client, name: str) -> None:
    answer = ada.get(JOBS, query={name: "yesterday"})

    assert (answer.status, answer.json["code"]) == (422, "invalid_input")


def test_what_waits_is_listed_as_queued(platform: Platform, ada: Client) -> None:
    platform.model = always(Work(after_s=900, output=samples.completion()))
    jobs = [ada.submit("smollm2-135m", samples.PROMPT).json["id"] for _ in range(6)]

    assert sorted(follow(ada, status="queued")) == sorted(jobs[4:])
    assert sorted(follow(ada, status="accepted")) == sorted(jobs[:4])
