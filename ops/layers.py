"""Builds the Lambda layer of third-party packages, without Docker, from wheels alone.

    python -m ops layers local    for the emulator: this machine's own wheels
    python -m ops layers cloud    for AWS: arm64 on Amazon Linux 2023

The result is `.sluice/layers/<target>/deps/python`. A stamp beside it names the lock and this
builder, so that an unchanged layer is not built twice. Every package ships as a wheel: nothing is
compiled, nothing runs.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ops.paths import PYTHON, REQUIREMENTS, STATE, UV

LOCK: Final = REQUIREMENTS / "layer-deps.lock"
LAYERS: Final = STATE / "layers"
PYTHON_VERSION: Final = "3.13"
BUILD_TIMEOUT_S: Final = 600
SIZE_LIMIT_BYTES: Final = 150_000_000  # Lambda takes 250 MB unpacked, code and every layer together

# uv's name for a platform includes every older manylinux tag: 2_28 takes 2014's wheels too.
PLATFORMS: Final[dict[str, list[str]]] = {
    "local": [],
    "cloud": ["--python-platform", "aarch64-manylinux_2_28"],
}

# botocore describes 400 services in 20 MB; these are the ones that Sluice calls.
AWS_SERVICES: Final = frozenset(
    {
        "bedrock-runtime",
        "dynamodb",
        "rekognition",
        "s3",
        "sagemaker",
        "sagemaker-runtime",
        "secretsmanager",
        "sesv2",
        "sns",
        "sqs",
    }
)
# FastAPI asks of each type whether it is of pydantic's first version, and does without where there
# is none: importing it would be a twentieth of an API's cold start.
NOT_NEEDED_TO_RUN: Final = (
    "bin",
    "boto3/data",
    "boto3/examples",
    "pydantic/v1",
    "s3transfer/tests",
)


def build(target: str, lock: Path = LOCK, layers: Path = LAYERS) -> Path:
    """The layer's folder for `target`, built if the lock or this file changed.

    Raises CalledProcessError when a package has no wheel for the platform or a hash differs.
    """
    layer = layers / target / "deps"
    stamp = layer.parent / "deps.stamp"
    fingerprint = _fingerprint(target, lock)
    if stamp.is_file() and stamp.read_text() == fingerprint:
        return layer
    started_s = time.monotonic()
    layer.parent.mkdir(parents=True, exist_ok=True)
    # Filled aside and moved when whole: whoever looks meanwhile sees the old layer or the new one.
    unfinished = layer.with_name(f"unfinished-{os.getpid()}")
    try:
        size_bytes = _fill(unfinished / "python", lock, PLATFORMS[target])
        if size_bytes > SIZE_LIMIT_BYTES:
            raise ValueError(f"the {target} layer has {size_bytes} bytes, over {SIZE_LIMIT_BYTES}")
        stamp.unlink(missing_ok=True)
        shutil.rmtree(layer, ignore_errors=True)
        unfinished.rename(layer)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    stamp.write_text(fingerprint)
    took_s = time.monotonic() - started_s
    print(f"==> the {target} layer: {size_bytes / 1e6:.0f} MB in {took_s:.0f} s")
    return layer


def _fill(packages: Path, lock: Path, platform: list[str]) -> int:
    """The size in bytes of what is installed, stripped and compiled there."""
    _install(packages, lock, platform)
    for superfluous in [*_unused_service_data(packages), *_not_needed(packages)]:
        _remove(superfluous)
    _compile(packages)
    return _size_bytes(packages)


def _fingerprint(target: str, lock: Path) -> str:
    digest = hashlib.sha256(target.encode())
    for source in (lock, Path(__file__)):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def _install(packages: Path, lock: Path, platform: list[str]) -> None:
    command = [
        *(str(UV), "pip", "install", "--quiet", "--target", str(packages)),
        *("--python", str(PYTHON), "--python-version", PYTHON_VERSION, *platform),
        *("--only-binary", ":all:", "--require-hashes", "--no-deps", "-r", str(lock)),
    ]
    subprocess.run(command, check=True, timeout=BUILD_TIMEOUT_S)


def _unused_service_data(packages: Path) -> Iterator[Path]:
    for service in (packages / "botocore" / "data").iterdir():
        if service.is_dir() and service.name not in AWS_SERVICES:
            yield service
        else:
            yield from service.glob("**/examples-*")


def _not_needed(packages: Path) -> Iterator[Path]:
    for name in NOT_NEEDED_TO_RUN:
        yield packages / name
    yield from packages.glob("*.dist-info/RECORD")  # names the removed files
    yield from packages.glob(".lock")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _compile(packages: Path) -> None:
    """Ships byte code with the layer: Lambda's folder is read-only, so each cold start would
    compile again. It is not checked against its source, whose times the zip does not keep.
    """
    command = [str(PYTHON), "-m", "compileall", "-q", "-j", "2"]
    command += ["--invalidation-mode", "unchecked-hash", "-s", str(packages), "-p", "/opt/python"]
    subprocess.run([*command, str(packages)], check=True, timeout=BUILD_TIMEOUT_S)


def _size_bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="sluicectl layers", description=__doc__)
    parser.add_argument("target", nargs="+", choices=sorted(PLATFORMS))
    for target in parser.parse_args(arguments).target:
        build(target)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
