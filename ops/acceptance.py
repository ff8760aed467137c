"""Walks the main job on a deployed stage, as a new customer and as its operator.

docs/acceptance.md says what each step proves.

    python -m ops acceptance --stage dev --email you@your.domain
    python -m ops acceptance --stage dev --known        (asks for an API key instead of signing up)

It needs the operator's AWS credentials, wakes every model that the stage switches on (so it costs
what they cost), and stops at the first answer that is not right.
"""

import argparse
import getpass
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import boto3
import httpx
from boto3.dynamodb.conditions import Key

from local.client import Client, Refused
from local.main_job import CheckFailed, check
from ops import audit
from ops.orders import FORBIDDEN, ORDERS
from stacks.cards import get_serving, get_task
from stacks.config import STAGES, Stage
from stacks.watch import DEAD_LETTERS

FALSE_ADDRESS: Final = "198.51.100.1"  # kept for documentation: nobody calls from there
WAIT_S: Final = 25
WAKES: Final = 3
ENDED: Final = {"succeeded", "failed", "canceled", "expired", "blocked"}
PASSWORD_BYTES: Final = 18


@dataclass(slots=True)
class Walk:
    """What the steps hand on: `client` is signed in as `user` and, later, carries the key."""

    stage: Stage
    session: boto3.Session
    client: Client
    email: str | None
    charged_nanos: int = 0
    available_nanos: int = 0
    ran: list[str] = field(default_factory=list)

    def aws(self, service: str) -> Any:
        make: Any = self.session.client  # typed by literals, and this takes any service
        return make(service, region_name=self.stage.region)


def door(walk: Walk) -> str:
    """The edge answers, and the way around it is shut."""
    name = walk.stage.parameter("api-id")
    api_id = walk.aws("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    around = f"https://{api_id}.execute-api.{walk.stage.region}.amazonaws.com/v1/content/policy"
    without = httpx.get(around).status_code
    false = httpx.get(around, headers={"x-origin-secret": "not-the-secret"}).status_code
    through = walk.client.send("GET", "/v1/content/policy")
    check(through.status_code == httpx.codes.OK, f"the edge answers {through.status_code}")
    check("strict-transport-security" in through.headers, "the edge sends no security headers")
    check((without, false) == (401, 403), f"the way around the edge answers {without} and {false}")
    return "200 through the edge; around it 401 without the secret, 403 with a false one"


def person(walk: Walk) -> str:
    """A stranger becomes a customer with a key and the free grant."""
    if walk.email is None:
        walk.client = Client(walk.stage.public_url, getpass.getpass("API key: "))
        return f"known: {walk.client.call('GET', '/v1/auth/whoami')['account']}"
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    walk.client.ask_to_sign_up(walk.email, password)
    code = input(f"The code that was mailed to {walk.email}: ").strip()
    claimed = {"x-viewer-address": FALSE_ADDRESS}
    walk.client.call("POST", "/v1/auth/verify", {"email": walk.email, "code": code}, claimed)
    walk.client.sign_in(walk.email, password)
    account = walk.client.call("GET", "/v1/auth/whoami")["account"]
    address = _newest_address(walk, account)
    check(address != FALSE_ADDRESS, "the API believed an address that the viewer made up")
    walk.client.wait_for_credit()
    made = walk.client.call("POST", "/v1/auth/keys", {"name": "acceptance"}, claimed)
    walk.client = Client(walk.stage.public_url, made["secret"])
    return f"{account}, seen from {address}: compare it with your own address"


def _newest_address(walk: Walk, account: str) -> str:
    table: Any = walk.session.resource("dynamodb", region_name=walk.stage.region)
    page = table.Table(f"{walk.stage.prefix}-accounts").query(
        KeyConditionExpression=Key("pk").eq(f"AUDIT#{account}"), ScanIndexForward=False, Limit=1
    )
    return str(page["Items"][0]["address"])


def jobs(walk: Walk) -> str:
    """One job on every model, woken if it sleeps, its result as the task promises."""
    walk.available_nanos = _available(walk)
    for model in walk.stage.models:
        order = ORDERS[get_task(model)]
        job = _run(walk, model, order.input)
        check(job["status"] == "succeeded", f"{model}: {job['status']}, {job['error']}")
        order.judge(job["result"])
        walk.charged_nanos += int(job["price"]["charged"]["nanos"])
        walk.ran.append(model)
    return ", ".join(walk.ran) or "no model is switched on: nothing was proven about jobs"


def screening(walk: Walk) -> str:
    """What the policy forbids is blocked before any model sees it, and not charged."""
    model = next((m for m in walk.stage.models if get_task(m) == "chat"), None)
    if model is None:
        return "no chat model is switched on: nothing was proven about screening"
    job = _run(walk, model, FORBIDDEN)
    check(job["status"] == "blocked", f"a forbidden prompt ended as {job['status']}")
    check(int(job["price"]["charged"]["nanos"]) == 0, "a blocked job was charged")
    return str(job["error"]["message"])


def _run(walk: Walk, model: str, given: Any) -> Any:
    prefer = {"Prefer": f"wait={WAIT_S}"}
    serving = get_serving(walk.stage, model)
    until = time.monotonic() + WAKES * serving["wake_s"] + serving["timeout_s"]
    job = walk.client.call("POST", "/v1/inference/jobs", {"model": model, "input": given}, prefer)
    while job["status"] not in ENDED and time.monotonic() < until:
        print(f"         {model}: {job['status']}", flush=True)
        job = walk.client.call("GET", f"/v1/inference/jobs/{job['id']}", headers=prefer)
        time.sleep(1)
    return job


def bill(walk: Walk) -> str:
    """The balance fell by exactly what was charged, and the whole ledger adds up."""
    fell = walk.available_nanos - _available(walk)
    check(fell == walk.charged_nanos, f"charged {walk.charged_nanos}, the balance fell by {fell}")
    check(audit.main(["--table", f"{walk.stage.prefix}-ledger"]) == 0, "the ledger has faults")
    return f"{fell} nanodollars, and the ledger adds up"


def _available(walk: Walk) -> int:
    return int(walk.client.call("GET", "/v1/billing/balance")["available"]["nanos"])


def leftovers(walk: Walk) -> str:
    """Nothing failed for good on the way."""
    sqs = walk.aws("sqs")
    for name in DEAD_LETTERS:
        url = sqs.get_queue_url(QueueName=f"{walk.stage.prefix}-{name}")["QueueUrl"]
        wanted = ["ApproximateNumberOfMessages"]
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=wanted)["Attributes"]
        check(attributes[wanted[0]] == "0", f"{name} holds {attributes[wanted[0]]} messages")
    return "every queue of dead letters is empty"


STEPS: Final[tuple[Callable[[Walk], str], ...]] = (
    door,
    person,
    jobs,
    screening,
    bill,
    leftovers,
)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="sluicectl acceptance",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    cloud = [name for name, stage in STAGES.items() if stage.serving == "cloud"]
    parser.add_argument("--stage", required=True, choices=sorted(cloud))
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--email", help="a mailbox that you can read and that has no account yet")
    who.add_argument("--known", action="store_true", help="ask for an API key, do not sign up")
    chosen = parser.parse_args(arguments)
    stage = STAGES[chosen.stage]
    walk = Walk(stage, boto3.Session(), Client(stage.public_url), chosen.email)
    for step in STEPS:
        try:
            print(f"ok       {step.__name__:10} {step(walk)}", flush=True)
        except (CheckFailed, Refused, TimeoutError) as failure:
            print(f"FAILED   {step.__name__:10} {failure}", file=sys.stderr)
            return 1
    return 0
