"""An edit in OpenAI's words as the input of a picture model's card."""

import base64
import io
from collections.abc import Mapping
from typing import Any

from functions.inference.models.service import default_card
from functions.inference.tasks import pictures
from sluice.catalog import Card, get_card


def card_of(model: str | None, task: str) -> Card:
    """The model that was named, or else the stage's own choice for `task`."""
    return default_card(task) if model is None else get_card(model)


def prompt_fields(
    card: Card, prompt: str, further: Mapping[str, Any]
) -> tuple[dict[str, str], Mapping[str, str]]:
    """The prompt as the card knows it, and what the card's field is called by the caller. A model
    of styles has no prompt: there it names the style, or is empty beside a `style`."""
    properties = card.input_schema["properties"]
    if "prompt" in properties or "style" not in properties:
        return {"prompt": prompt}, {}
    if "style" in further and not prompt:
        return {}, {}
    return {"style": prompt}, {"style": "prompt"}


def mask_of(card: Card, given: str, account: str) -> str:
    """OpenAI's masks are transparent where the picture is to change, ours white. A mask without
    transparency is already ours. Raises what `pictures.read_input` raises."""
    from PIL import Image

    mask = pictures.read_input(card, given, account)
    with Image.open(io.BytesIO(mask.data)) as image:
        if "A" not in image.getbands():
            return given
        painted = image.getchannel("A").point(lambda alpha: 0 if alpha else 255)
    file = io.BytesIO()
    painted.save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()
