"""upscale: the container reads `{image, scale}` and answers the larger picture as PNG bytes."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from functions.inference.jobs.job import ResultFile
from functions.inference.tasks import pictures
from functions.inference.tasks.task import MalformedOutput, Prepared, Produced
from sluice.catalog import Card
from sluice.errors import InvalidInput
from sluice.schema import with_defaults
from sluice.units import worst_case_units


def prepare(card: Card, given: Mapping[str, Any], account: str) -> Prepared:
    body = with_defaults(card, given)
    picture = pictures.read_input(card, body["image"], account)
    encoded = base64.b64encode(picture.data).decode()
    return Prepared(
        payload=json.dumps({"image": encoded, "scale": int(body["scale"])}).encode(),
        units=worst_case_units(card, body, picture_size=(picture.width, picture.height)),
    )


def within(card: Card, given: Mapping[str, Any], nanos: int) -> Mapping[str, Any] | None:
    return None


def to_screen(payload: bytes) -> str | bytes:
    return base64.b64decode(json.loads(payload)["image"])


def interpret(card: Card, output: bytes) -> Produced:
    try:
        picture = pictures.measure(output)
    except InvalidInput as error:
        raise MalformedOutput(card.id) from error
    return Produced(
        usage={"output_pixel": picture.width * picture.height},
        file=ResultFile(
            name="image.png",
            content_type=picture.content_type,
            size_bytes=len(output),
            width=picture.width,
            height=picture.height,
        ),
    )
