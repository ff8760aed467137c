"""text-to-image, image-to-image, inpainting, upscale and remove-background: the container reads
the card's input with its pictures as base64, and answers one picture's bytes or, for samplers that
make several, `{"images": [{"data": base64, "seed": int}]}`."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from functions.inference.jobs.job import ResultFile
from functions.inference.tasks import outputs, pictures
from functions.inference.tasks.pictures import Picture
from functions.inference.tasks.task import MalformedOutput, Prepared, Produced, ProducedFile
from sluice.catalog import Card
from sluice.errors import InvalidInput
from sluice.moderation.screen import MAX_INLINE_IMAGE_BYTES
from sluice.schema import with_defaults
from sluice.units import Media, picture_units, worst_case_units

PICTURES: Final = ("image", "mask")
"""The fields of an input that hold pictures."""
PROMPTS: Final = ("prompt", "negative_prompt")
EXTENSIONS: Final = {"image/png": "png", "image/jpeg": "jpg"}
MAX_SEED: Final = 2**63 - 1


def prepare(card: Card, given: Mapping[str, Any], account: str) -> Prepared:
    body = with_defaults(card, given)
    read = {
        name: pictures.read_input(card, body[name], account) for name in PICTURES if name in body
    }
    if "width" in body:
        pictures.check_area(card, body["width"], body["height"])
    if "mask" in read:
        _check_mask(read["image"], read["mask"])
    size = (read["image"].width, read["image"].height) if "image" in read else None
    encoded = {name: base64.b64encode(picture.data).decode() for name, picture in read.items()}
    return Prepared(
        payload=json.dumps(body | encoded).encode(),
        units=worst_case_units(card, body, Media(picture=size)),
        facts={name: body[name] for name in ("n", "steps") if name in body},
    )


def _check_mask(image: Picture, mask: Picture) -> None:
    if (image.width, image.height) != (mask.width, mask.height):
        raise InvalidInput(
            f"The mask has {mask.width} × {mask.height} pixels and the picture "
            f"{image.width} × {image.height}; they must be of one size.",
            code="mask_size_mismatch",
        )


def within(card: Card, given: Mapping[str, Any], nanos: int) -> Mapping[str, Any] | None:
    return None


def to_screen(payload: bytes) -> Sequence[str | bytes]:
    body = json.loads(payload)
    prompts = "\n".join(body[name] for name in PROMPTS if name in body)
    shown = [base64.b64decode(body[name]) for name in PICTURES if name in body]
    return [prompts, *shown] if prompts else shown


def interpret(card: Card, output: bytes, facts: Mapping[str, int]) -> Produced:
    made = _several(card, output) if output[:1] == b"{" else [_file(card, "image", output, None)]
    if len(made) != facts.get("n", 1):
        raise MalformedOutput(card.id)
    usage: dict[str, int] = {}
    for one in made:
        pixels = (one.file.width or 0) * (one.file.height or 0)
        for unit, count in picture_units(card, pixels, facts.get("steps", 1)).items():
            usage[unit] = usage.get(unit, 0) + count
    return Produced(usage=usage, files=tuple(made))


def _several(card: Card, output: bytes) -> list[ProducedFile]:
    answer = outputs.read(card, output)
    try:
        return [
            _file(card, f"image-{number}", base64.b64decode(entry["data"]), entry["seed"])
            for number, entry in enumerate(answer["images"], start=1)
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedOutput(card.id) from error


def _file(card: Card, name: str, content: bytes, seed: int | None) -> ProducedFile:
    """`content` of a picture by itself is the raw output, which needs no second copy."""
    try:
        picture = pictures.measure(content)
    except InvalidInput as error:
        raise MalformedOutput(card.id) from error
    if seed is not None and (len(content) > MAX_INLINE_IMAGE_BYTES or not 0 <= seed <= MAX_SEED):
        raise MalformedOutput(card.id)
    file = ResultFile(
        name=f"{name}.{EXTENSIONS[picture.content_type]}",
        content_type=picture.content_type,
        size_bytes=len(content),
        width=picture.width,
        height=picture.height,
        seed=seed,
    )
    return ProducedFile(file, None if seed is None else content)
