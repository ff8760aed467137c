"""Synthesizes stages as `app.py` does."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import cx_api

import app
from stacks import config

EVERY_CLOUD_MODEL = ("bge-m3", "qwen2-5-7b", "span-x4")


def assemblies(folder: Path) -> Mapping[str, cx_api.CloudAssembly]:
    everything = replace(config.STAGES["dev"], name="everything", models=EVERY_CLOUD_MODEL)
    stages = {**config.STAGES, "everything": everything}
    config.STAGES = stages  # type: ignore[misc]  # a stage for tests beside the real ones
    return {name: _synthesize(name, folder / name) for name in ("local", "prod", "everything")}


def _synthesize(stage: str, folder: Path) -> cx_api.CloudAssembly:
    made = cdk.App(outdir=str(folder), context={"stage": stage})
    app.build(made)
    return made.synth()


def resources(assembly: cx_api.CloudAssembly, kind: str = "") -> dict[str, dict[str, Any]]:
    """`{stack}/{logical id}` → resource, of one CloudFormation type or of all."""
    return {
        f"{stack.stack_name}/{name}": resource
        for stack in assembly.stacks
        for name, resource in stack.template.get("Resources", {}).items()
        if kind in ("", resource["Type"])
    }
