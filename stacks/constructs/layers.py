"""The two layers of every function. A LayerVersion shared by stacks would become an export that
blocks the next deployment, so each stack has its own."""

from pathlib import Path
from typing import Final

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.config import Stage

ROOT: Final = Path(__file__).parent.parent.parent
SLUICE: Final = ROOT / "layers" / "sluice"
BUILT: Final = ROOT / ".sluice" / "layers"


def layers(scope: Construct, stage: Stage) -> list[lambda_.ILayerVersion]:
    """Shared code, and third-party packages as `ops layers` built them for the stage's machines,
    unless those lie `unpacked` where functions run."""
    shared = _layer(scope, "Sluice", SLUICE, stage, exclude=["**/__pycache__"])
    if stage.unpacked:
        return [shared]
    deps = BUILT / stage.serving / "deps"
    if not deps.is_dir():
        raise FileNotFoundError(f"no layer at {deps}: run `python -m ops layers {stage.serving}`")
    return [
        shared,
        _layer(scope, "Deps", deps, stage),  # built with byte code, which cold starts need
    ]


def architecture(stage: Stage) -> lambda_.Architecture:
    """Graviton in the cloud; locally this machine's own, which the emulator does not check."""
    is_cloud = stage.serving == "cloud"
    return lambda_.Architecture.ARM_64 if is_cloud else lambda_.Architecture.X86_64


def _layer(
    scope: Construct, noun: str, folder: Path, stage: Stage, exclude: list[str] | None = None
) -> lambda_.LayerVersion:
    return lambda_.LayerVersion(
        scope,
        f"{noun}Layer",
        code=lambda_.Code.from_asset(str(folder), exclude=exclude),
        compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
        compatible_architectures=[architecture(stage)],
    )
