"""The layer of third-party packages, as it is deployed."""

import re
import subprocess
from pathlib import Path

import pytest

from ops import layers
from ops.paths import ROOT, STATE

pytestmark = pytest.mark.xdist_group("layers")  # one worker builds what all of them read

IMPORTED = (
    "fastapi, mangum, pydantic, aws_lambda_powertools, boto3, jsonschema_rs, PIL.Image, argon2,"
    " email_validator, zxcvbn"
)
EMULATOR_PYTHON = STATE / "emulator" / "bin" / "python"


@pytest.fixture(scope="module")
def cloud() -> Path:
    return layers.build("cloud") / "python"


@pytest.fixture(scope="module")
def local() -> Path:
    return layers.build("local") / "python"


def test_the_cloud_layer_holds_arm64_libraries_only(cloud: Path) -> None:
    libraries = [file.name for file in cloud.rglob("*.so") if ".cpython-" in file.name]

    assert libraries
    assert [name for name in libraries if "aarch64" not in name] == []


def test_the_local_layer_is_all_that_the_functions_import(local: Path) -> None:
    code = f"import {IMPORTED}; print(boto3.__file__)"

    done = subprocess.run(
        [
            EMULATOR_PYTHON,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path.insert(0, {str(local)!r}); {code}",
        ],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.stdout.startswith(str(local))


def test_fastapi_serves_typed_routes_without_the_first_pydantic(local: Path) -> None:
    code = (
        "import fastapi, pydantic, sys\n"
        "class Thing(pydantic.BaseModel): names: list[str] | None\n"
        "app = fastapi.FastAPI()\n"
        "@app.post('/things')\n"
        "def make(thing: Thing) -> list[Thing]: ...\n"
        "print(*app.openapi()['paths'], *(name for name in sys.modules if 'pydantic.v1' in name))"
    )

    done = subprocess.run(
        [
            *(EMULATOR_PYTHON, "-I", "-S", "-c"),
            f"import sys; sys.path.insert(0, {str(local)!r})\n{code}",
        ],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.stdout.split() == ["/things"]


def test_the_layer_knows_every_aws_service_that_sluice_calls_and_no_other(cloud: Path) -> None:
    source = (ROOT / "layers" / "sluice" / "python" / "sluice" / "aws.py").read_text()
    called = set(re.findall(r'def client\(service: Literal\["([a-z0-9-]+)"\]', source))

    described = {path.name for path in (cloud / "botocore" / "data").iterdir() if path.is_dir()}

    assert described == called


def test_the_layer_describes_the_asynchronous_body_that_the_runtimes_own_may_lack(
    local: Path,
) -> None:
    code = (
        "from botocore.session import Session;"
        "model = Session().get_service_model('sagemaker-runtime');"
        "print(*model.operation_model('InvokeEndpointAsync').input_shape.members)"
    )

    done = subprocess.run(
        [
            EMULATOR_PYTHON,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path.insert(0, {str(local)!r}); {code}",
        ],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert {"Body", "Filename", "S3OutputPathExtension"} <= set(done.stdout.split())


def test_every_module_ships_byte_code_that_is_never_checked_against_its_source(cloud: Path) -> None:
    source = cloud / "fastapi" / "applications.py"
    compiled = source.parent / "__pycache__" / "applications.cpython-313.pyc"

    flags = int.from_bytes(compiled.read_bytes()[4:8], "little")

    assert flags == 0b01  # hash-based, unchecked (PEP 552)
    assert str(cloud).encode() not in compiled.read_bytes()


def test_a_layer_is_built_again_when_its_lock_changed_and_not_before(tmp_path: Path) -> None:
    lock = tmp_path / "layer-deps.lock"
    lock.write_bytes(layers.LOCK.read_bytes())
    trace = layers.build("local", lock, tmp_path) / "trace"

    trace.touch()
    layers.build("local", lock, tmp_path)
    kept = trace.exists()
    lock.write_bytes(layers.LOCK.read_bytes() + b"# another\n")
    layers.build("local", lock, tmp_path)

    assert kept
    assert not trace.exists()
