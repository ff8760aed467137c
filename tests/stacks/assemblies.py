"""Synthesizes stages as `app.py` does."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import cx_api

import app
from stacks import config

STAGES_HERE = ("local", "prod", "everything")
IN_THE_CLOUD = STAGES_HERE[1:]
EVERY_CLOUD_MODEL = ("bge-m3", "qwen2-5-7b", "span-x4")


def assemblies(folder: Path) -> Mapping[str, cx_api.CloudAssembly]:
    everything = replace(config.STAGES["dev"], name="everything", models=EVERY_CLOUD_MODEL)
    stages = {**config.STAGES, "everything": everything}
    config.STAGES = stages  # type: ignore[misc]  # a stage for tests beside the real ones
    return {name: _synthesize(name, folder / name) for name in STAGES_HERE}


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


def functions(assembly: cx_api.CloudAssembly) -> dict[str, dict[str, Any]]:
    """`auth-api` → its properties."""
    prefix = re.compile(r"^sluice-[a-z]+-")
    return {
        prefix.sub("", resource["Properties"]["FunctionName"]): resource["Properties"]
        for resource in resources(assembly, "AWS::Lambda::Function").values()
        if "FunctionName" in resource["Properties"]
    }


def statements(assembly: cx_api.CloudAssembly) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every policy's statements, each with its policy's `{stack}/{logical id}`."""
    for name, policy in resources(assembly, "AWS::IAM::Policy").items():
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            yield name, statement


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
