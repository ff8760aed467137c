"""The family's parameters and the cards' own, name by name; and what the family's clients send
without being asked to."""

from collections.abc import Mapping
from typing import Any, Final

OURS: Final[Mapping[str, str]] = {
    "prompt": "prompt",
    "negative_prompt": "negative_prompt",
    "width": "width",
    "height": "height",
    "image_num": "n",
    "steps": "steps",
    "seed": "seed",
    "guidance_scale": "guidance_scale",
    "sampler_name": "sampler",
    "strength": "strength",
    "image_base64": "image",
    "mask_image_base64": "mask",
    "scale_factor": "scale",
}
"""A request's field → the card's."""

NEUTRAL: Final[Mapping[str, tuple[Any, ...]]] = {
    "image_num": (1,),
    "steps": (20,),
    "seed": (-1,),
    "guidance_scale": (7.5,),
    "sampler_name": ("Euler a",),
    "strength": (0.5, 1),
    "negative_prompt": ("",),
}
"""What official clients send unasked. A model that has no such parameter takes these values of it,
since nobody chose them, and refuses any other by name."""

RANDOM_SEED: Final = -1

_THEIRS = {ours: name for name, ours in OURS.items()}


def theirs(field: str) -> str:
    """`n` → `request.image_num`: a card's field, by the name that the caller knows."""
    name, dot, rest = field.partition(".")
    return f"request.{_THEIRS.get(name, name)}{dot}{rest}"
