"""Containers of models, from the lock file: the lock names repository, tag and accounts, and the
address is put together here."""

import json
from collections.abc import Mapping
from typing import Any, Final

from aws_cdk import Aws

from stacks.cards import MODELS
from stacks.config import Stage

LOCK: Final = MODELS / "images.lock.json"


def image_uri(stage: Stage, name: str) -> str:
    """The image's address in the stage's region, by digest where the lock knows it."""
    image = _locked(name)
    host = f"{_account(stage, image)}.dkr.ecr.{stage.region}.amazonaws.com"
    if image["digest"]:
        return f"{host}/{image['repository']}@{image['digest']}"
    return f"{host}/{image['repository']}:{image['tag']}"


def repository_arn(stage: Stage, name: str) -> str:
    """AWS's own repository of the image: it stands in one of AWS's accounts."""
    image = _locked(name)
    account = _account(stage, image)
    return f"arn:{Aws.PARTITION}:ecr:{stage.region}:{account}:repository/{image['repository']}"


def inference_ami(name: str) -> str | None:
    """The GPU driver image that the container needs, None for CPU containers."""
    ami: str | None = _locked(name)["inference_ami_version"]
    return ami


def _locked(name: str) -> Mapping[str, Any]:
    images: Mapping[str, Mapping[str, Any]] = json.loads(LOCK.read_text(encoding="utf-8"))["images"]
    if name not in images:
        raise ValueError(f"{LOCK.name} has no image {name!r}: run `make images`")
    return images[name]


def _account(stage: Stage, image: Mapping[str, Any]) -> str:
    account: str | None = image["accounts"].get(stage.region)
    if account is None:
        raise ValueError(f"AWS offers {image['repository']} not in {stage.region}")
    return account
