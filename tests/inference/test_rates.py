"""How fast one may ask, and how an answer tells it."""

import pytest

from sluice.errors import ModelNotServed, ModelWaking, ScreeningUnavailable, Unavailable
from sluice.principal import credential_pk, forget_cached
from sluice.table import Table
from tests.inference import samples
from tests.inference.platform import Client, Platform, always
from tests.seeds import Customer, give_key
from tests.simulation.endpoints import Work

KEY_RATE = 60
"""The chat card's `rate_per_minute`, which is the free tier's for one key."""


@pytest.fixture(autouse=True)
def slow(platform: Platform) -> None:
    platform.model = always(Work(after_s=10**6))


@pytest.fixture
def ada(platform: Platform) -> Client:
    """A customer with credit for more than a minute takes."""
    return platform.customer(10**10)


def ask(client: Client, times: int = 1) -> list[int]:
    return [client.submit("smollm2-135m", samples.PROMPT).status for _ in range(times)]


def another_key(client: Client, tier: str = "free") -> Client:
    key = give_key(client.platform.stage, client.who.account, tier=tier)
    return Client(client.platform, Customer(client.who.account, key))


def test_a_key_has_its_minute_and_then_waits_for_the_next(platform: Platform, ada: Client) -> None:
    within = ask(ada, KEY_RATE)
    refused = ada.submit("smollm2-135m", samples.PROMPT)
    platform.clock.advance(int(refused.headers["retry-after"]))

    assert set(within) == {202}
    assert (refused.status, refused.json["code"]) == (429, "rate_limited")
    assert ask(ada) == [202]


def test_a_second_key_has_a_rate_of_its_own_until_the_account_has_none(
    platform: Platform, ada: Client
) -> None:
    second, third = another_key(ada), another_key(ada)
    ask(ada, KEY_RATE)

    assert set(ask(second, KEY_RATE)) == {202}
    assert ask(third) == [429]


def test_a_key_with_a_rate_of_its_own_asks_all_models_together_that_often(
    platform: Platform, ada: Client
) -> None:
    slow_one = another_key(ada)
    Table(platform.stage.table("accounts")).update(
        credential_pk("KEY", slow_one.who.key), "KEY", set_={"rate_per_minute": 2}
    ).send()
    forget_cached()

    first = slow_one.submit("smollm2-135m", samples.PROMPT)
    other = slow_one.submit("e5-small", {"input": "a text"})
    refused = slow_one.submit("e5-small", {"input": "a text"})

    assert (first.status, other.status, refused.status) == (202, 202, 429)
    assert "q=2;" in refused.headers["ratelimit-policy"]
    assert ask(ada) == [202]
    platform.clock.advance(int(refused.headers["retry-after"]))
    assert ask(slow_one) == [202]


def test_a_higher_tier_asks_faster(platform: Platform, ada: Client) -> None:
    fast = another_key(ada, "standard")

    assert set(ask(fast, KEY_RATE + 1)) == {202}


def test_cancelled_work_counts(platform: Platform, ada: Client) -> None:
    for _ in range(KEY_RATE):
        job = ada.submit("smollm2-135m", samples.PROMPT).json["id"]
        ada.send("DELETE", f"/v1/inference/jobs/{job}")

    assert ask(ada) == [429]


def test_an_answer_tells_both_rates_in_the_ietfs_form(platform: Platform, ada: Client) -> None:
    ask(ada)
    platform.clock.at_ms += 20_000

    answer = ada.submit("smollm2-135m", samples.PROMPT)

    assert answer.headers["ratelimit-policy"] == '"key";q=60;w=60, "account";q=120;w=60'
    reset_s = 60 - platform.clock.at_ms // 1000 % 60
    told = f'"key";r=58;t={reset_s}, "account";r=118;t={reset_s}'
    assert answer.headers["ratelimit"] == told


def test_a_refusal_tells_that_nothing_is_left(platform: Platform, ada: Client) -> None:
    ask(ada, KEY_RATE)

    refused = ada.submit("smollm2-135m", samples.PROMPT)

    assert refused.headers["ratelimit"].startswith('"key";r=0;t=')


def test_what_counts_against_no_rate_tells_none(platform: Platform, ada: Client) -> None:
    ask(ada)

    answer = ada.get("/v1/inference/jobs")

    assert "ratelimit" not in answer.headers


def test_openais_clients_are_told_in_openais_form(platform: Platform, ada: Client) -> None:
    platform.model = always(Work(output=samples.completion()))
    body = {"model": "smollm2-135m", "messages": samples.PROMPT["messages"], "max_tokens": 8}

    answer = ada.send("POST", "/openai/v1/chat/completions", body=body)

    assert answer.status == 200
    assert answer.headers["x-ratelimit-limit-requests"] == "60"
    assert answer.headers["x-ratelimit-remaining-requests"] == "59"
    assert answer.headers["x-ratelimit-reset-requests"] in {f"{n}s" for n in range(1, 60)} | {
        "1m0s"
    }


@pytest.mark.parametrize("kind", [Unavailable, ModelNotServed, ModelWaking, ScreeningUnavailable])
def test_every_503_says_when_to_ask_again(kind: type[Unavailable]) -> None:
    refusal = kind("Not now.")

    assert refusal.status == 503
    assert int(refusal.headers["Retry-After"]) > 0
