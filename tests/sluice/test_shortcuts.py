"""Calls that spare botocore work say what botocore would have said."""

from typing import Any

import boto3
import pytest
from boto3.dynamodb.conditions import Attr

from sluice import aws as clients
from sluice.table import Table, Transaction, absent
from tests.seam import Call, Reply, Seam
from tests.stage import REGION


class Witness:
    """Answers every call, and remembers it."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def answer(self, call: Call) -> Reply:
        self.calls.append(call)
        return Reply(200, b"{}" if call.service == "dynamodb" else b"")


@pytest.fixture
def witness(monkeypatch: pytest.MonkeyPatch) -> Witness:
    made = Witness()
    session = Seam({"s3": made, "dynamodb": made}).session()
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    return made


def test_an_endpoint_that_hangs_on_the_call_is_worked_out_for_each(witness: Witness) -> None:
    for name in ("first", "second"):
        clients.client("s3").delete_object(Bucket=name, Key="a")
        clients.client("dynamodb").get_item(TableName=name, Key={"pk": {"S": "a"}})

    assert [call.url for call in witness.calls] == [
        f"https://first.s3.{REGION}.amazonaws.com/a",
        f"https://dynamodb.{REGION}.amazonaws.com/",
        f"https://second.s3.{REGION}.amazonaws.com/a",
        f"https://dynamodb.{REGION}.amazonaws.com/",
    ]


def test_a_transaction_is_written_as_botocore_writes_it(witness: Witness) -> None:
    table = Table("jobs")
    item = {"pk": "a", "sk": "ü", "n": 7, "is": False, "list": [1, {"deep": ["x"]}], "set": {"s"}}

    Transaction().add(
        table.put(item, when=absent()),
        table.update("b", "c", set_={"x": "y"}, add={"n": -1}, when=Attr("n").gte(1)),
    ).commit()

    _assert_botocore_writes_the_same(witness, "transact_write_items")


def test_bytes_are_written_as_botocore_writes_them(witness: Witness) -> None:
    Table("jobs").put({"pk": "a", "sk": "b", "digest": b"\x00\xff"}).send()

    item = witness.calls[0].json["Item"]
    assert item["digest"] == {"B": "AP8="}
    assert item["pk"] == {"S": "a"}


def _assert_botocore_writes_the_same(witness: Witness, method: str) -> None:
    """The last call again, by a client without our shortcuts."""
    ours = witness.calls[-1]
    plain: Any = boto3.DEFAULT_SESSION
    getattr(plain.client("dynamodb"), method)(**ours.json)

    theirs = witness.calls[-1]
    assert (ours.json, ours.url, ours.method) == (theirs.json, theirs.url, theirs.method)
    for header in ("x-amz-target", "content-type"):
        assert ours.headers[header] == theirs.headers[header]
