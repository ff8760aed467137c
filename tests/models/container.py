"""A folder laid out like /opt/ml/model, and calls to the code in it as SageMaker's toolkit makes
them, in the models' environment on the CPU. What only the container has, stand-ins replace."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.local.conftest import ROOT

PYTHON = ROOT / ".sluice/models/bin/python"
STAND_INS = Path(__file__).parent / "stand_ins"
DRIVE = """
import base64, importlib, json, sys
from pathlib import Path

folder, program = sys.argv[1:]
module = importlib.import_module(program.removesuffix(".py"))
from sagemaker_inference.errors import BaseInferenceToolkitError

model = module.model_fn(folder)

def call(body, content_type):
    try:
        answer, kind = module.transform_fn(model, body, content_type, "*/*")
    except BaseInferenceToolkitError as error:
        return {"status": error.status_code, "phrase": error.phrase}
    return {"status": 200, "kind": kind, "body": base64.b64encode(answer).decode()}

asked = json.loads(sys.stdin.read())
print("\\n" + json.dumps([call(each["body"].encode(), each["type"]) for each in asked]))
"""


def lay_out(model: str, folder: Path) -> str:
    """The card's code, and what it wants beside it, as `python -m ops weights` sends them; gives
    the name of the program."""
    card = yaml.safe_load((ROOT / f"models/{model}/card.yaml").read_text())
    serving = card["serving"]["cloud"]
    code = folder / "code"
    shutil.copytree(ROOT / serving["code"], code)
    for name in serving.get("beside", ()):
        shutil.copy(ROOT / name, code)
    shutil.copytree(STAND_INS, code, dirs_exist_ok=True)
    return str(serving["environment"]["SAGEMAKER_PROGRAM"])


def call(
    folder: Path, program: str, bodies: Sequence[Any], environment: Mapping[str, str] = {}
) -> list[dict[str, Any]]:
    """The answers to JSON bodies, or to texts as they are: `{status, kind, body}`, where `body` is
    base64, or `{status, phrase}`."""
    asked = [
        {"body": body if isinstance(body, str) else json.dumps(body), "type": "application/json"}
        for body in bodies
    ]
    told = subprocess.run(
        [PYTHON, "-c", DRIVE, str(folder), program],
        check=True,
        capture_output=True,
        input=json.dumps(asked).encode(),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(folder / "code"), **environment},
        cwd=folder,
    )
    answers: list[dict[str, Any]] = json.loads(told.stdout.splitlines()[-1])
    return answers


def refused(answer: Mapping[str, Any]) -> str:
    """The code of a refusal."""
    assert answer["status"] == 400, answer
    code: str = json.loads(answer["phrase"])["error"]["code"]
    return code
