"""Writes the CloudFormation templates of every stage to `cdk.out/<stage>`, without credentials.

make synth
"""

import argparse
import json
import os
import subprocess
import sys
from typing import Final

from ops.layers import build
from ops.paths import CDK, ROOT
from stacks.config import STAGES

SYNTH_TIMEOUT_S: Final = 300


def stages() -> list[str]:
    """The names of the stages that `stacks/config.py` describes."""
    return sorted(STAGES)


def synthesize(stage: str) -> list[str]:
    """The names of the stage's stacks. Raises CalledProcessError with what CDK printed."""
    out = ROOT / "cdk.out" / stage
    command = [str(CDK), "synth", "--quiet", "-c", f"stage={stage}", "-o", str(out)]
    # No asset is bundled while synthesizing: layers are built before, by a step that can be cached.
    environment = os.environ | {"CDK_CONTEXT_JSON": json.dumps({"aws:cdk:bundling-stacks": []})}
    subprocess.run(
        command,
        check=True,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,  # hints for somebody at a prompt; warnings and errors still show
        timeout=SYNTH_TIMEOUT_S,
    )
    return sorted(template.name.split(".")[0] for template in out.glob("**/*.template.json"))


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="sluicectl synth", description=__doc__)
    parser.add_argument("stages", nargs="*", help="only these (default: all)")
    chosen = parser.parse_args(arguments).stages or stages()
    for target in ("local", "cloud"):
        build(target)
    failed = []
    for stage in chosen:
        try:
            print(f"==> {stage}: {', '.join(synthesize(stage))}", flush=True)
        except subprocess.CalledProcessError:  # CDK has said why
            failed.append(stage)
    if failed:
        print(f"no templates for {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0
