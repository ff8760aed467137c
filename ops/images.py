"""Resolves the containers that serve models into `models/images.lock.json`.

    make images      (in an environment of its own: the SDK weighs 450 MB and is never deployed)

SageMaker's SDK knows repositories, tags and the registry account of every region, and answers
offline. The lock keeps no host: the stack composes it from account, region and partition. A digest
is asked of the registry itself, so it needs credentials; without them it stays null and the lock
says why.
"""

import argparse
import json
import sys
import warnings
from dataclasses import dataclass
from typing import Any, Final

from ops.paths import MODELS

LOCK: Final = MODELS / "images.lock.json"
DIGEST_REGION: Final = "us-east-1"  # every region holds copies of the same image


@dataclass(frozen=True, slots=True)
class Wanted:
    """An image as cards name it, and how the SDK names it.

    `ami` is the InferenceAmiVersion whose driver fits the image's CUDA; None is the default.
    """

    name: str
    framework: str
    version: str
    py_version: str
    instance_type: str
    ami: str | None


WANTED: Final = (
    Wanted(
        name="vllm",
        framework="vllm",
        version="0.30.0",
        py_version="py312",
        instance_type="ml.g6.xlarge",
        ami="al2023-ami-sagemaker-inference-gpu-4-1",  # driver 580, for CUDA 13.0
    ),
    Wanted(
        name="pytorch-inference-cpu",
        framework="pytorch",
        version="2.6.0",
        py_version="py312",
        instance_type="ml.c7i.xlarge",
        ami=None,
    ),
    Wanted(
        name="pytorch-inference-gpu",
        framework="pytorch",
        version="2.6.0",
        py_version="py312",
        instance_type="ml.g6.xlarge",
        ami=None,
    ),
)


def resolve(wanted: Wanted) -> dict[str, Any]:
    """One entry of the lock. Raises ValueError where the SDK knows no such image."""
    from sagemaker.core import image_uris  # only this environment has it

    known = image_uris.config_for_framework(wanted.framework)["inference"]["versions"]
    registries: dict[str, str] = known[wanted.version]["registries"]
    uri: str = image_uris.retrieve(
        wanted.framework,
        DIGEST_REGION,
        version=wanted.version,
        py_version=wanted.py_version,
        instance_type=wanted.instance_type,
        image_scope="inference",
    )
    repository, tag = uri.rpartition("/")[2].split(":")
    digest, reason = _digest(registries[DIGEST_REGION], repository, tag)
    return {
        "repository": repository,
        "tag": tag,
        "digest": digest,
        "digest_missing_because": reason,
        "inference_ami_version": wanted.ami,
        "accounts": dict(sorted(registries.items())),
    }


def _digest(account: str, repository: str, tag: str) -> tuple[str | None, str | None]:
    """The image's digest, or None and the reason."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    registry = boto3.client("ecr", region_name=DIGEST_REGION)
    try:
        found = registry.describe_images(
            registryId=account, repositoryName=repository, imageIds=[{"imageTag": tag}]
        )
    except (BotoCoreError, ClientError) as error:
        return None, f"the registry was not asked: {type(error).__name__}"
    return found["imageDetails"][0]["imageDigest"], None


def main(arguments: list[str]) -> int:
    argparse.ArgumentParser(prog="sluicectl images", description=__doc__).parse_args(arguments)
    warnings.filterwarnings("ignore", category=SyntaxWarning)  # the SDK's own docstrings
    try:
        from importlib.metadata import version

        resolved_with = f"sagemaker-core {version('sagemaker-core')}"
    except ImportError:
        print("SageMaker's SDK is not in this environment: run `make images`", file=sys.stderr)
        return 1
    lock = {
        "resolved_with": resolved_with,
        "images": {wanted.name: resolve(wanted) for wanted in WANTED},
    }
    LOCK.write_text(json.dumps(lock, indent=2) + "\n", encoding="utf-8")
    print(f"==> {LOCK.name}: {', '.join(wanted.name for wanted in WANTED)}")
    return 0
