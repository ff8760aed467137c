"""Containers of models, from the lock file: the lock names repository, tag and accounts, and the
address is put together here."""

import json
from typing import Final

from stacks.cards import MODELS
from stacks.config import Stage

LOCK: Final = MODELS / "images.lock.json"


def image_uri(stage: Stage, name: str) -> str:
    """The image's address in the stage's region; raises KeyError for an image or region that the
    lock does not have. By digest where the lock knows it."""
    image = json.loads(LOCK.read_text(encoding="utf-8"))["images"][name]
    host = f"{image['accounts'][stage.region]}.dkr.ecr.{stage.region}.amazonaws.com"
    if image["digest"]:
        return f"{host}/{image['repository']}@{image['digest']}"
    return f"{host}/{image['repository']}:{image['tag']}"


def inference_ami(name: str) -> str | None:
    """The GPU driver image that the container needs, None for CPU containers."""
    lock = json.loads(LOCK.read_text(encoding="utf-8"))
    ami: str | None = lock["images"][name]["inference_ami_version"]
    return ami
