"""A secured account: what needs no credential, links and webhooks, ends with those that do."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from functions.inference.webhooks.trust import WHY_DISABLED
from sluice import clock
from sluice.standing import SETTLING_MS
from sluice.table import Table
from tests.inference import samples
from tests.inference.platform import Client, Platform
from tests.inference.receivers import Mail, answers, connect, create
from tests.inference.test_webhooks import HOOKS, HOST, delivery_of, ended, told

SETTLED_S = SETTLING_MS / 1000 + 0.001


@pytest.fixture
def mail(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Mail:
    return connect(platform, monkeypatch)


def secure(client: Client) -> None:
    """As auth does: the account's item says when."""
    Table(client.platform.stage.table("accounts")).put(
        {"pk": f"ACCOUNT#{client.who.account}", "sk": "ACCOUNT", "epoch": 1}
        | {"secured_ms": clock.now_ms()}
    ).send()
    client.platform.clock.advance(SETTLED_S)


def picture_of(client: Client) -> str:
    image = samples.base64_of(samples.picture())
    job: Any = client.submit("span-x4", {"image": image}, prefer="wait").json
    url: str = job["result"]["images"][0]["url"]
    return url


def follow(platform: Platform, url: str) -> tuple[int, str]:
    parts = urlsplit(url)
    answer = platform.send("GET", parts.path, query=dict(parse_qsl(parts.query)))
    return answer.status, "" if answer.status == 302 else answer.json["code"]


def test_a_result_link_from_before_leads_nowhere_and_one_from_after_does(
    platform: Platform, ada: Client, mallory: Client
) -> None:
    before, strangers = picture_of(ada), picture_of(mallory)
    assert follow(platform, before) == (302, "")

    secure(ada)
    after = picture_of(ada)

    assert follow(platform, before) == (410, "result_expired")
    assert follow(platform, after) == (302, "")
    assert follow(platform, strangers) == (302, "")


def test_a_link_that_was_signed_while_the_securing_settled_leads_nowhere_either(
    platform: Platform, ada: Client
) -> None:
    secured_ms = platform.clock.at_ms
    secure(ada)
    platform.clock.at_ms = secured_ms + 2_900
    url = picture_of(ada)
    platform.clock.advance(10)

    assert follow(platform, url) == (410, "result_expired")


def test_a_pending_delivery_ends_unsent_and_its_webhook_is_disabled(
    mail: Mail, ada: Client, mallory: Client
) -> None:
    mail.receivers.behaviours[HOST] = answers(500)
    webhook, theirs = create(ada), create(mallory)
    job, other = told(mail, ada), told(mail, mallory)
    sent = len(mail.receivers.received)

    secure(ada)
    mail.receivers.behaviours[HOST] = answers(204)
    mail.pass_time(60)

    failed = delivery_of(ada, job)
    assert (failed["state"], failed["reason"]) == ("failed", "account_secured")
    now = ada.get(f"{HOOKS}/{webhook['id']}").json
    assert (now["enabled"], now["disabled_reason"]) == (False, WHY_DISABLED)
    assert delivery_of(mallory, other)["state"] == "delivered"
    assert mallory.get(f"{HOOKS}/{theirs['id']}").json["enabled"] is True
    assert len(mail.receivers.received) == sent + 1


def test_a_webhook_that_its_owner_enables_anew_is_told_of_what_comes_then(
    mail: Mail, ada: Client
) -> None:
    webhook = create(ada)
    secure(ada)

    ada.send("PATCH", f"{HOOKS}/{webhook['id']}", body={"enabled": True})
    job = told(mail, ada)

    assert delivery_of(ada, job)["state"] == "delivered"


def test_what_waited_while_its_webhook_was_enabled_anew_ends_all_the_same_until_sent_again_by_hand(
    mail: Mail, ada: Client
) -> None:
    mail.receivers.behaviours[HOST] = answers(500)
    webhook = create(ada)
    job = told(mail, ada)

    secure(ada)
    ada.send("PATCH", f"{HOOKS}/{webhook['id']}", body={"enabled": True})
    mail.receivers.behaviours[HOST] = answers(204)
    mail.pass_time(60)
    ended_so = delivery_of(ada, job)
    ada.send("POST", f"/v1/inference/deliveries/{ended_so['id']}/redeliver")
    mail.pass_time(60)

    assert ended_so["reason"] == "account_secured"
    assert delivery_of(ada, job)["state"] == "delivered"


def test_an_address_that_a_job_named_before_is_told_nothing_of_it(mail: Mail, ada: Client) -> None:
    job = ended(ada, url="https://elsewhere.example.com/")

    secure(ada)
    mail.stream(job)
    mail.pass_time(1)

    assert delivery_of(ada, job)["reason"] == "account_secured"
    assert mail.receivers.received == []
