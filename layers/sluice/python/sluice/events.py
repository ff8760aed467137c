"""What one service tells the others: written with the change it reports, published from the stream.

`announce` is a write, so an event exists exactly when its change does. The outbox handler of the
table's owner publishes it to the stage's topic, at least once; consumers must be idempotent.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sluice import aws, clock, ids
from sluice.table import Table, Write

RETENTION_S = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Event:
    """`type` such as `user.verified`; `data` is small and holds ids, never secrets."""

    id: str
    type: str
    at_ms: int
    data: Mapping[str, Any]


def announce(table: Table, type_: str, data: Mapping[str, Any]) -> Write:
    """The outbox item `EVENT#{id}` / `EVENT`, to be committed with the change it reports."""
    event = Event(ids.new("evt"), type_, clock.now_ms(), dict(data))
    return table.put(
        {"pk": f"EVENT#{event.id}", "sk": "EVENT", "ttl": clock.now_s() + RETENTION_S}
        | asdict(event)
    )


def publish(topic_arn: str, event: Event) -> None:
    """Send to the stage's topic, with the type as an attribute to filter by."""
    aws.client("sns").publish(
        TopicArn=topic_arn,
        Message=json.dumps(asdict(event)),
        MessageAttributes={"type": {"DataType": "String", "StringValue": event.type}},
    )


def of_item(item: Mapping[str, Any]) -> Event:
    """The event in an outbox item or a received message."""
    return Event(item["id"], item["type"], item["at_ms"], item["data"])
