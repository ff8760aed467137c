"""All DynamoDB mechanics: items in and out, pages, writes as values, transactions.

A `Write` is a value that knows which domain error its failed condition means. A `Transaction`
sends several at once; a single one goes as an ordinary conditional write. Conditions know no
arithmetic, so a decision may be planned from a read but only the condition decides; a failed
condition hands the item as it stands to the error, and the plan is made anew.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, Self, cast

from boto3.dynamodb.conditions import Attr, ConditionBase, ConditionExpressionBuilder, Key
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from sluice import aws, clock, ids, json_text
from sluice.errors import InvalidInput, Unavailable

type Item = dict[str, Any]
type Refusal = Callable[[Item | None], Exception]

MAX_TRANSACTION_ITEMS = 100
MAX_COMMIT_ATTEMPTS = 5
COMMIT_BACKOFF_S = 0.02
MAX_PAGE = 100
MAX_CURSOR_CHARS = 1_024
"""What no cursor of a page exceeds: four short keys in base 64."""
MAX_KEY_CHARS = 512
TOKEN_BYTES = 16
_FOREIGN_CURSOR = "The cursor is not one that a page gave; start without it."
_RETRYABLE = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
_BUSY = {
    "TransactionConflictException",
    "TransactionInProgressException",
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
}


class _Numbers(TypeDeserializer):
    """Whole numbers become int; Sluice stores no others (scores are strings)."""

    def _deserialize_n(self, value: str) -> int | Decimal:
        number = Decimal(value)
        return int(number) if number == number.to_integral_value() else number


_out, _in = TypeSerializer(), _Numbers()


def encode(item: Mapping[str, Any]) -> dict[str, Any]:
    """A plain mapping in DynamoDB's typed JSON; fields that are None are left out."""
    return {name: _typed(value) for name, value in item.items() if value is not None}


def _typed(value: Any) -> dict[str, Any]:
    """What nearly all fields are goes the short way: boto3 asks each value for ten types in turn,
    and takes every number for a decimal."""
    kind = type(value)
    if kind is str:
        return {"S": value}
    if kind is int:
        return {"N": str(value)}
    if kind is dict:
        return {"M": {name: _typed(part) for name, part in value.items()}}
    if kind is list or kind is tuple:
        return {"L": [_typed(part) for part in value]}
    return cast(dict[str, Any], _out.serialize(value))


def decode(item: Mapping[str, Any]) -> Item:
    """DynamoDB's typed JSON (also of a stream record) as a plain dict."""
    return {name: _in.deserialize(value) for name, value in item.items()}


def _never(_item: Item | None) -> Exception:
    return AssertionError("an unconditional write was refused")


def exists() -> ConditionBase:
    return Attr("pk").exists()


def absent() -> ConditionBase:
    return Attr("pk").not_exists()


@dataclass(frozen=True, slots=True)
class Write:
    """One conditional write, not yet sent."""

    kind: Literal["Put", "Update", "Delete", "ConditionCheck"]
    request: dict[str, Any]
    refused: Refusal = _never

    def send(self, returning: Literal["NONE", "ALL_NEW", "ALL_OLD"] = "NONE") -> Item:
        """Send it alone; gives the item asked for. Raises what its failed condition means."""
        database = aws.client("dynamodb")
        calls: dict[str, Callable[..., Any]] = {
            "Put": database.put_item,
            "Update": database.update_item,
            "Delete": database.delete_item,
        }
        try:
            answer = calls[self.kind](**self.request, ReturnValues=returning)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            raise self.refused(_old(error.response)) from None
        return decode(answer.get("Attributes", {}))


def _old(response: Mapping[str, Any]) -> Item | None:
    return decode(response["Item"]) if response.get("Item") else None


@dataclass(slots=True)
class Transaction:
    """Writes that take effect together or not at all. Each plan is a new Transaction: its request
    token is reused only to resend this very plan."""

    writes: list[Write] = field(default_factory=list)

    def add(self, *writes: Write) -> Self:
        self.writes.extend(writes)
        return self

    def commit(self) -> None:
        """Raises the domain error of the first write whose condition failed, or Unavailable when
        the items stay contended; then nothing has been written."""
        if len(self.writes) > MAX_TRANSACTION_ITEMS:
            raise ValueError(f"more than {MAX_TRANSACTION_ITEMS} writes in one transaction")
        token = ids.token(TOKEN_BYTES).hex()
        for attempt in range(MAX_COMMIT_ATTEMPTS):
            if attempt:
                clock.sleep(COMMIT_BACKOFF_S * 2**attempt)
            if self._sent(token):
                return
        raise Unavailable("The account is busy; try again in a moment.", retry_after_s=1)

    def _sent(self, token: str) -> bool:
        """Whether the plan took effect; False when it was cancelled by contention alone."""
        items = [cast(Any, {write.kind: write.request}) for write in self.writes]
        try:
            aws.client("dynamodb").transact_write_items(
                TransactItems=items, ClientRequestToken=token
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _BUSY:
                return False
            if error.response["Error"]["Code"] != "TransactionCanceledException":
                raise
            return self._explain(error)
        return True

    def _explain(self, error: ClientError) -> bool:
        reasons = cast(list[dict[str, Any]], error.response.get("CancellationReasons", []))
        for write, reason in zip(self.writes, reasons, strict=False):
            if reason.get("Code") == "ConditionalCheckFailed":
                raise write.refused(_old(reason)) from None
        if any(reason.get("Code") in _RETRYABLE for reason in reasons):
            return False
        raise error


@dataclass(frozen=True, slots=True)
class Page:
    """Some items and the opaque cursor of the next page, if there is one."""

    items: list[Item]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the shared key schema: `pk`, `sk`, sparse `gsi1`, `ttl`."""

    name: str

    def find(self, pk: str, sk: str) -> Item | None:
        """A strongly consistent read of one item."""
        answer = aws.client("dynamodb").get_item(
            TableName=self.name, Key=encode({"pk": pk, "sk": sk}), ConsistentRead=True
        )
        return decode(answer["Item"]) if "Item" in answer else None

    def find_many(self, keys: Sequence[tuple[str, str]]) -> list[Item]:
        """Strongly consistent reads of at most 100 items, in no order; raises Unavailable when
        the table cannot give all of them now."""
        if not keys:
            return []
        wanted: Any = {
            self.name: {
                "Keys": [encode({"pk": pk, "sk": sk}) for pk, sk in keys],
                "ConsistentRead": True,
            }
        }
        answer = aws.client("dynamodb").batch_get_item(RequestItems=wanted)
        if answer.get("UnprocessedKeys"):
            raise Unavailable("The table is busy; try again in a moment.", retry_after_s=1)
        return [decode(item) for item in answer["Responses"][self.name]]

    def query(
        self,
        pk: str,
        *,
        sk: ConditionBase | None = None,
        index: bool = False,
        where: ConditionBase | None = None,
        limit: int = MAX_PAGE,
        cursor: str | None = None,
        newest_first: bool = False,
    ) -> Page:
        """A page of one partition, of the table or of `gsi1`. `sk` is a condition made with
        `sort_key(index)`; `where` filters after reading, so a page may hold fewer than `limit`."""
        condition: ConditionBase = Key("gsi1pk" if index else "pk").eq(pk)
        if sk is not None:
            condition = condition & sk
        builder = ConditionExpressionBuilder()
        key = builder.build_expression(condition, is_key_condition=True)
        names, values = (
            dict(key.attribute_name_placeholders),
            dict(key.attribute_value_placeholders),
        )
        request: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": key.condition_expression,
            "Limit": min(limit, MAX_PAGE),
            "ScanIndexForward": not newest_first,
        }
        if where is not None:
            filtered = builder.build_expression(where)
            request["FilterExpression"] = filtered.condition_expression
            names |= filtered.attribute_name_placeholders
            values |= filtered.attribute_value_placeholders
        if index:
            request["IndexName"] = "gsi1"
        else:
            request["ConsistentRead"] = True
        if cursor is not None:
            request["ExclusiveStartKey"] = encode(
                _read_cursor(cursor, index) | {"gsi1pk" if index else "pk": pk}
            )
        try:
            answer = aws.client("dynamodb").query(
                **request, ExpressionAttributeNames=names, ExpressionAttributeValues=encode(values)
            )
        except ClientError as error:
            if cursor is None or error.response["Error"]["Code"] != "ValidationException":
                raise
            raise InvalidInput(_FOREIGN_CURSOR) from None
        last = answer.get("LastEvaluatedKey")
        return Page(
            [decode(item) for item in answer["Items"]], _write_cursor(last) if last else None
        )

    def count(self, pk: str, sk: ConditionBase, most: int) -> int | None:
        """How many items of a partition fit `sk`, by one strongly consistent read; None when they
        are more than `most`."""
        built = ConditionExpressionBuilder().build_expression(
            Key("pk").eq(pk) & sk, is_key_condition=True
        )
        answer = aws.client("dynamodb").query(
            TableName=self.name,
            Select="COUNT",
            KeyConditionExpression=built.condition_expression,
            ExpressionAttributeNames=built.attribute_name_placeholders,
            ExpressionAttributeValues=encode(built.attribute_value_placeholders),
            Limit=most + 1,
            ConsistentRead=True,
        )
        return None if answer["Count"] > most or "LastEvaluatedKey" in answer else answer["Count"]

    def put(
        self, item: Item, *, when: ConditionBase | None = None, refused: Refusal = _never
    ) -> Write:
        """Write a whole item; `refused` gets the item that stood in the way."""
        return Write(
            "Put",
            {"TableName": self.name, "Item": encode(item)} | _conditional(when),
            refused,
        )

    def update(
        self,
        pk: str,
        sk: str,
        *,
        set_: Mapping[Any, Any] | None = None,
        add: Mapping[str, int | set[str]] | None = None,
        take: Mapping[str, set[str]] | None = None,
        remove: Sequence[str] = (),
        when: ConditionBase | None = None,
        refused: Refusal = _never,
    ) -> Write:
        """Change fields of one item: set them (a tuple names a field inside a map), add to
        numbers (a missing one counts as 0) and to sets, take members from sets, remove fields."""
        expression = _UpdateExpression()
        clauses = [
            f"SET {expression.assign(set_, ' = ')}" if set_ else "",
            f"ADD {expression.assign(add, ' ')}" if add else "",
            f"DELETE {expression.assign(take, ' ')}" if take else "",
            f"REMOVE {', '.join(expression.path(field) for field in remove)}" if remove else "",
        ]
        request = {
            "TableName": self.name,
            "Key": encode({"pk": pk, "sk": sk}),
            "UpdateExpression": " ".join(clause for clause in clauses if clause),
        }
        condition = _conditional(when, expression.names, expression.values)
        return Write("Update", request | condition, refused)

    def delete(
        self, pk: str, sk: str, *, when: ConditionBase | None = None, refused: Refusal = _never
    ) -> Write:
        key = {"TableName": self.name, "Key": encode({"pk": pk, "sk": sk})}
        return Write("Delete", key | _conditional(when), refused)

    def check(self, pk: str, sk: str, *, when: ConditionBase, refused: Refusal) -> Write:
        """Only a condition, inside a transaction."""
        key = {"TableName": self.name, "Key": encode({"pk": pk, "sk": sk})}
        return Write("ConditionCheck", key | _conditional(when), refused)


@dataclass(slots=True)
class _UpdateExpression:
    """An update's placeholders: `#u` and `:u`, since conditions use `#n` and `:v`."""

    names: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    def path(self, attribute: str | tuple[str, ...]) -> str:
        parts = (attribute,) if isinstance(attribute, str) else attribute
        return ".".join(self._name(part) for part in parts)

    def assign(self, fields: Mapping[Any, Any], joint: str) -> str:
        return ", ".join(
            f"{self.path(attribute)}{joint}{self._value(value)}"
            for attribute, value in fields.items()
        )

    def _name(self, part: str) -> str:
        placeholder = f"#u{len(self.names)}"
        self.names[placeholder] = part
        return placeholder

    def _value(self, value: Any) -> str:
        placeholder = f":u{len(self.values)}"
        self.values[placeholder] = value
        return placeholder


def sort_key(index: bool = False) -> Key:
    return Key("gsi1sk" if index else "sk")


def _conditional(
    when: ConditionBase | None,
    names: Mapping[str, str] | None = None,
    values: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    all_names, all_values = dict(names or {}), dict(values or {})
    request: dict[str, Any] = {}
    if when is not None:
        built = ConditionExpressionBuilder().build_expression(when)
        request["ConditionExpression"] = built.condition_expression
        request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        all_names |= built.attribute_name_placeholders
        all_values |= built.attribute_value_placeholders
    if all_names:
        request["ExpressionAttributeNames"] = all_names
    if all_values:
        request["ExpressionAttributeValues"] = {
            name: _typed(value) for name, value in all_values.items()
        }
    return request


def _write_cursor(key: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(decode(key)).encode()).decode().rstrip("=")


def _read_cursor(cursor: str, index: bool) -> Item:
    """The key that a cursor names. Whoever wrote it, the parts that the query itself does not
    decide are texts of a key's size; the rest is for DynamoDB to refuse."""
    expected = {"pk", "sk", "gsi1pk", "gsi1sk"} if index else {"pk", "sk"}
    try:
        if len(cursor) > MAX_CURSOR_CHARS:
            raise ValueError("too long")
        key = json_text.parse(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        raise InvalidInput(_FOREIGN_CURSOR) from None
    if (
        not isinstance(key, dict)
        or set(key) != expected
        or not all(map(_is_key_part, key.values()))
    ):
        raise InvalidInput(_FOREIGN_CURSOR)
    return key


def _is_key_part(part: object) -> bool:
    return isinstance(part, str) and 0 < len(part) <= MAX_KEY_CHARS
