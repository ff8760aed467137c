"""The same Idempotency-Key at what else a POST makes: webhooks, secrets, events, moderations."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from functions.inference import api
from tests import seeds
from tests.events import Answer
from tests.inference import samples
from tests.inference.gallery import endpoints
from tests.inference.platform import Client, Platform, Racing
from tests.inference.receivers import URL, Mail, answers, connect, create
from tests.replaced import forget_everything
from tests.seam import Call, Fault, Reply

HOOKS = "/v1/inference/webhooks"
DELIVERIES = "/v1/inference/deliveries"
MODERATIONS = "/openai/v1/moderations"
HOST = "hooks.example.com"
KEY = {"idempotency-key": "order-4711"}
OTHER_KEY = {"idempotency-key": "order-4712"}
ALWAYS_REFUSED = {"/openai/v1/audio/translations", "/v3/openai/audio/translations"}


@pytest.fixture
def mail(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Mail:
    return connect(platform, monkeypatch)


def is_replayed(answer: Answer) -> bool:
    return answer.headers.get("idempotent-replayed") == "true"


def test_every_post_takes_a_key() -> None:
    paths: Mapping[str, Any] = api.app.openapi()["paths"]
    posts = {path: methods["post"] for path, methods in paths.items() if "post" in methods}

    without = {path for path, post in posts.items() if not takes_key(post)}

    assert len(posts) > 20
    assert without == ALWAYS_REFUSED


def takes_key(post: Mapping[str, Any]) -> bool:
    return any(parameter["name"] == "idempotency-key" for parameter in post.get("parameters", ()))


# Secrets


def test_a_webhook_that_was_deleted_is_not_made_again_nor_its_secret_shown(ada: Client) -> None:
    made = ada.send("POST", HOOKS, body={"url": URL}, headers=KEY).json
    ada.send("DELETE", f"{HOOKS}/{made['id']}")

    again = ada.send("POST", HOOKS, body={"url": URL}, headers=KEY)

    assert (again.status, again.json["code"]) == (404, "webhook_not_found")
    assert made["secret"].encode() not in again.content
    assert ada.get(HOOKS).json["data"] == []


@pytest.mark.parametrize("whose", ["of a webhook", "of single jobs"])
def test_an_old_rotation_that_comes_again_turns_nothing(ada: Client, whose: str) -> None:
    name = create(ada)["id"] if whose == "of a webhook" else "default"
    path = f"{HOOKS}/{name}/rotate"
    first = ada.send("POST", path, headers=KEY)
    second = ada.send("POST", path, headers=OTHER_KEY)

    late = ada.send("POST", path, headers=KEY)

    assert len({first.json["secret"], second.json["secret"], None}) == 3
    assert is_replayed(late)
    assert late.json == second.json | {"secret": None}


def test_a_key_is_for_one_route_and_one_account(mail: Mail, ada: Client, mallory: Client) -> None:
    one, two = create(ada)["id"], create(ada)["id"]
    hers = create(mallory)["id"]

    made = [
        ada.send("POST", f"{HOOKS}/{one}/test", headers=KEY),
        ada.send("POST", f"{HOOKS}/{two}/test", headers=KEY),
        ada.send("POST", f"{HOOKS}/{one}/rotate", headers=KEY),
        mallory.send("POST", f"{HOOKS}/{hers}/test", headers=KEY),
    ]
    foreign = mallory.send("POST", f"{HOOKS}/{one}/test", headers=KEY)

    assert not any(map(is_replayed, made))
    assert [answer.status for answer in made] == [202, 202, 200, 202]
    assert (foreign.status, foreign.json["code"]) == (404, "webhook_not_found")


# Events by hand


def test_a_test_event_asked_for_twice_is_sent_once(mail: Mail, ada: Client) -> None:
    path = f"{HOOKS}/{create(ada)['id']}/test"

    first = ada.send("POST", path, headers=KEY)
    mail.pass_time(1)
    second = ada.send("POST", path, headers=KEY)
    mail.pass_time(1)

    assert not is_replayed(first)
    assert is_replayed(second)
    assert (second.status, second.json["id"]) == (202, first.json["id"])
    assert (first.json["state"], second.json["state"]) == ("pending", "delivered")
    assert len(mail.receivers.received) == 1


def test_what_was_sent_before_is_told_even_where_it_could_not_be_sent_now(
    mail: Mail, ada: Client
) -> None:
    webhook = create(ada)
    path = f"{HOOKS}/{webhook['id']}"
    first = ada.send("POST", f"{path}/test", headers=KEY)
    ada.send("PATCH", path, body={"enabled": False})

    again = ada.send("POST", f"{path}/test", headers=KEY)

    assert is_replayed(again)
    assert again.json["id"] == first.json["id"]


def test_a_refused_test_event_is_not_remembered(mail: Mail, ada: Client) -> None:
    path = f"{HOOKS}/{create(ada)['id']}"
    ada.send("PATCH", path, body={"enabled": False})

    refused = ada.send("POST", f"{path}/test", headers=KEY)
    ada.send("PATCH", path, body={"enabled": True})
    sent = ada.send("POST", f"{path}/test", headers=KEY)

    assert (refused.status, refused.json["code"]) == (409, "webhook_disabled")
    assert sent.status == 202
    assert not is_replayed(sent)


def test_an_answer_that_was_lost_is_found_again(mail: Mail, ada: Client) -> None:
    path = f"{HOOKS}/{create(ada)['id']}/test"
    ada.get(HOOKS)
    mail.platform.fault = lambda call: (
        Fault.TIMEOUT_AFTER if call.operation == "TransactWriteItems" else None
    )
    lost = ada.send("POST", path, headers=KEY)
    mail.platform.fault = lambda call: None

    again = ada.send("POST", path, headers=KEY)
    mail.pass_time(120)

    assert lost.status == 503
    assert is_replayed(again)
    assert [one.id for one in mail.receivers.received] == [again.json["id"]]


def redeliverable(mail: Mail, client: Client) -> str:
    """A delivery that has ended."""
    webhook = create(client)
    delivery: str = client.send("POST", f"{HOOKS}/{webhook['id']}/test").json["id"]
    mail.pass_time(1)
    return delivery


def test_a_redelivery_asked_for_twice_is_made_once(mail: Mail, ada: Client) -> None:
    delivery = redeliverable(mail, ada)
    path = f"{DELIVERIES}/{delivery}/redeliver"

    first = ada.send("POST", path, headers=KEY)
    while_pending = ada.send("POST", path, headers=KEY)
    mail.pass_time(1)
    after = ada.send("POST", path, headers=KEY)
    mail.pass_time(1)
    sent = len(mail.receivers.received)
    ada.send("POST", path, headers=OTHER_KEY)
    mail.pass_time(1)

    assert [is_replayed(one) for one in (first, while_pending, after)] == [False, True, True]
    assert [one.json["state"] for one in (while_pending, after)] == ["pending", "delivered"]
    assert {one.json["id"] for one in (first, while_pending, after)} == {delivery}
    assert (sent, len(mail.receivers.received)) == (2, 3)


def test_a_redelivery_that_was_refused_is_not_remembered(mail: Mail, ada: Client) -> None:
    mail.receivers.behaviours[HOST] = answers(500)
    webhook = create(ada)
    delivery = ada.send("POST", f"{HOOKS}/{webhook['id']}/test").json["id"]
    mail.pass_time(1)
    path = f"{DELIVERIES}/{delivery}/redeliver"

    refused = ada.send("POST", path, headers=KEY)
    mail.receivers.behaviours[HOST] = answers(200)
    mail.pass_time(120)
    sent = ada.send("POST", path, headers=KEY)

    assert (refused.status, refused.json["code"]) == (409, "delivery_pending")
    assert (sent.status, is_replayed(sent)) == (202, False)


def test_twelve_at_once_with_one_key_send_one_event(racing: Racing) -> None:
    racing.seam.doubles["sqs"] = Deaf()
    who = seeds.customer(racing.stage)
    webhook = racing.send("POST", HOOKS, bearer=who.key, body={"url": URL}).json["id"]

    def ask(_: int) -> Answer:
        return racing.send("POST", f"{HOOKS}/{webhook}/test", bearer=who.key, headers=KEY)

    with ThreadPoolExecutor(12) as threads:
        got = list(threads.map(ask, range(12)))

    accepted = [answer for answer in got if answer.status == 202]
    assert {answer.status for answer in got} <= {202, 503}
    assert len({answer.json["id"] for answer in accepted}) == 1
    assert sum(not is_replayed(answer) for answer in accepted) <= 1
    items = racing.stage.scan("jobs")
    assert sum(item["pk"].startswith("DELIVERIES#") for item in items) == 1


class Deaf:
    """A queue that takes messages and brings none."""

    def answer(self, call: Call) -> Reply:
        return Reply(200, b'{"MessageId": "1"}')


def test_a_mock_event_asked_for_twice_is_sent_once(
    mail: Mail, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENDPOINTS", endpoints(ada.platform.stage))
    forget_everything(keep_clients=True)
    request = {"model_name": "sdxl", "prompt": "a cat", "width": 256, "height": 256}
    test_mode = {"enabled": True, "return_task_status": "TASK_STATUS_SUCCEED"}
    body = {"request": request, "extra": {"webhook": {"url": URL, "test_mode": test_mode}}}
    other = {**body, "request": request | {"prompt": "a dog"}}
    path = "/v3/async/txt2img"

    first = ada.send("POST", path, body=body, headers=KEY)
    again = ada.send("POST", path, body=body, headers=KEY)
    refused = ada.send("POST", path, body=other, headers=KEY)
    mail.pass_time(1)

    assert is_replayed(again)
    assert first.json == again.json
    assert refused.status == 400
    assert len(mail.receivers.received) == 1


# Moderations


def test_a_moderation_asked_for_again_has_the_same_id(platform: Platform, ada: Client) -> None:
    asked = {"input": samples.ANSWER}

    first = ada.send("POST", MODERATIONS, body=asked, headers=KEY)
    again = ada.send("POST", MODERATIONS, body=asked, headers=KEY)
    other = ada.send("POST", MODERATIONS, body={"input": "Else."}, headers=KEY)
    unnamed = ada.send("POST", MODERATIONS, body=asked)

    assert (is_replayed(first), is_replayed(again)) == (False, True)
    assert again.json == first.json
    assert other.status == 400
    assert other.json["error"]["code"] == "idempotency_mismatch"
    assert unnamed.json["id"] != first.json["id"]
    stored = str(platform.stage.scan("jobs"))
    assert samples.ANSWER not in stored


def test_repeating_a_moderation_is_no_way_round_its_bound(ada: Client) -> None:
    asked = {"input": "x" * 12_000}

    statuses = [ada.send("POST", MODERATIONS, body=asked, headers=KEY).status for _ in range(11)]

    assert statuses == [200] * 10 + [429]
