"""From the family's request to the input that a card's schema takes."""

import base64
import io
from collections.abc import Mapping
from typing import Any, Final

from functions.inference.novita.fields import NEUTRAL, OURS, RANDOM_SEED
from functions.inference.tasks import pictures
from sluice.catalog import Card
from sluice.errors import InvalidInput

SIZE: Final = ("width", "height")


def read(card: Card, request: Mapping[str, Any], account: str) -> dict[str, Any]:
    """The card's input. Raises InvalidInput naming what the card's model cannot do."""
    known: Mapping[str, Any] = card.input_schema["properties"]
    given = {name: value for name, value in request.items() if name in OURS}
    taken = {OURS[name]: _plain(value) for name, value in given.items() if OURS[name] in known}
    left = {name: value for name, value in given.items() if OURS[name] not in known}
    if "image" in taken and "width" not in known:
        size = (left.pop("width", None), left.pop("height", None))
        taken["image"] = _fit(card, taken["image"], size, account)
    if "style" in known and "prompt" in left:
        taken["style"] = _style(known["style"]["enum"], left.pop("prompt"))
    for name, value in left.items():
        if value not in NEUTRAL.get(name, ()):
            raise _refusal(name, f"{card.id} has no such parameter; leave it out.")
    return _without_defaults(taken)


def _without_defaults(taken: dict[str, Any]) -> dict[str, Any]:
    """A random seed and an empty negative prompt are what a card does without them."""
    if taken.get("seed") == RANDOM_SEED:
        del taken["seed"]
    if taken.get("negative_prompt") == "":
        del taken["negative_prompt"]
    return taken


def _plain(value: Any) -> Any:
    """4.0 is 4: clients of this family write whole numbers either way."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _style(styles: list[str], prompt: str) -> str:
    """A model that knows styles instead of words takes the prompt that is one's name."""
    name = prompt.strip().lower()
    if name not in styles:
        raise _refusal("prompt", f"this model knows styles, not words: {', '.join(styles)}.")
    return name


def _fit(card: Card, image: str, size: tuple[int | None, int | None], account: str) -> str:
    """The picture in the size that the answer shall have, for a model whose answer is as large
    as its input."""
    if size == (None, None):
        return image
    picture = pictures.read_input(card, image, account)
    width, height = size[0] or picture.width, size[1] or picture.height
    if (width, height) == (picture.width, picture.height):
        return image
    _check_fits(card, width, height)
    return _resized(picture.data, width, height)


def _check_fits(card: Card, width: int, height: int) -> None:
    """Before anything so large is made."""
    pixels, side = card.limits["max_pixels"], card.limits["max_side_pixels"]
    if width * height > pixels or max(width, height) > side:
        why = f"{card.id} makes up to {pixels} pixels in all and {side} a side."
        raise _refusal("width" if width >= height else "height", why)


def _resized(content: bytes, width: int, height: int) -> str:
    from PIL import Image

    with Image.open(io.BytesIO(content)) as opened:
        made = io.BytesIO()
        mode = "RGBA" if opened.has_transparency_data else "RGB"
        opened.convert(mode).resize((width, height), Image.Resampling.LANCZOS).save(made, "PNG")
    return base64.b64encode(made.getvalue()).decode()


def _refusal(name: str, why: str) -> InvalidInput:
    return InvalidInput(
        "The request asks for something this model cannot do.",
        errors=[{"pointer": f"/body/request/{name}", "message": why}],
    )
