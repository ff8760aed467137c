"""Jobs whose course is not a straight one: replayed, cancelled, killed."""

import os
import signal

import pytest

from tests.e2e.product import Person, Product, chat, code_of, end_of, submit, until

pytestmark = pytest.mark.xdist_group("platform")

MODEL = "smollm2-135m"


def test_the_same_key_and_body_are_one_job(customer: Person) -> None:
    first = submit(
        customer.program, MODEL, chat("Say hello."), wait_s=25, Idempotency_Key="hello-1"
    )
    money = customer.money

    second = submit(customer.program, MODEL, chat("Say hello."), Idempotency_Key="hello-1")
    other = submit(customer.program, MODEL, chat("Say goodbye."), Idempotency_Key="hello-1")

    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert second.json() == first.json()
    assert code_of(other) == (422, "idempotency_mismatch")
    assert customer.money == money


def test_who_waits_is_told_their_place_and_about_how_long(
    product: Product, customer: Person
) -> None:
    product.break_model(MODEL, "model_slow", delay_s=15)

    jobs = [submit(customer.program, MODEL, chat("Say hello.")).json()["id"] for _ in range(6)]
    told = [customer.program.call("GET", f"/v1/inference/jobs/{job}") for job in jobs[-2:]]
    for job in jobs:
        customer.program.call("DELETE", f"/v1/inference/jobs/{job}")

    assert [shown["status"] for shown in told] == ["queued"] * 2
    assert [shown["queue_position"] for shown in told] == [1, 2]
    assert 0 < told[0]["eta_s"] < told[1]["eta_s"]


def test_a_sleeping_model_s_job_can_be_cancelled_and_its_late_answer_is_dropped(
    product: Product, customer: Person
) -> None:
    money = customer.money
    _kill(product)
    product.break_model(MODEL, "model_slow", delay_s=2)
    runs = product.model(MODEL)["counts"].get("succeeded", 0)

    job = submit(customer.program, MODEL, chat("Say hello.")).json()
    canceled = customer.program.call("DELETE", f"/v1/inference/jobs/{job['id']}")

    assert canceled["status"] == "canceled"
    assert canceled["price"]["charged"]["nanos"] == "0"
    assert customer.money == money
    until(lambda: product.model(MODEL)["counts"].get("succeeded", 0) > runs, "the late answer", 60)
    until(lambda: not product.keys_of(job["id"]), "the late answer's end", 60)
    shown = customer.program.call("GET", f"/v1/inference/jobs/{job['id']}")
    assert (shown["status"], shown["result"]) == ("canceled", None)
    assert customer.money == money


def test_a_model_killed_at_work_fails_the_job_uncharged_and_wakes_for_the_next(
    product: Product, customer: Person
) -> None:
    submit(customer.program, MODEL, chat("Wake up."), wait_s=25)
    money = customer.money
    product.break_model(MODEL, "model_slow", delay_s=3)

    job = submit(customer.program, MODEL, chat("Say hello.")).json()
    _kill(product)
    ended = end_of(customer.program, job["id"])

    assert (ended["status"], ended["error"]["code"]) == ("failed", "inference_failed")
    assert ended["price"]["charged"]["nanos"] == "0"
    assert customer.money == money
    again = submit(customer.program, MODEL, chat("Say hello."), wait_s=25).json()
    assert again["status"] == "succeeded"


def _kill(product: Product) -> None:
    """`kill -9` of the model's process, if one runs, and the host's notice of it."""
    pid = product.model(MODEL)["pid"]
    if pid is not None:
        os.kill(pid, signal.SIGKILL)
        until(lambda: product.model(MODEL)["pid"] != pid, "the process's end")
