"""Puts a model's weights, and the code that serves them, where its endpoint will look for them.

    python -m ops weights --stage dev qwen2-5-7b ./Qwen2.5-7B-Instruct

They go to the stage's bucket under the card's `weights`, and the card's `code` folder to `code/`
beside them. An instance reads them when it starts, so one that runs keeps what it has.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import boto3

from ops.paths import ROOT
from stacks.cards import get_serving
from stacks.config import STAGES, Stage

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MAX_FILES: Final = 500
NOT_WEIGHTS: Final = {".git", ".cache", "__pycache__", "node_modules"}


class UnfitFolderError(ValueError):
    """The folder is none, is empty, or holds more files than any model has."""


def plan(serving: Mapping[str, Any], folder: Path) -> Mapping[str, Path]:
    """Key → file, for weights and code. Raises UnfitFolderError."""
    weights = _files(folder)
    if not weights:
        raise UnfitFolderError(f"there are no files in {folder}")
    code = _files(ROOT / serving["code"]) if "code" in serving else {}
    code |= {Path(name).name: ROOT / name for name in serving.get("beside", ())}
    planned = weights | {f"code/{name}": path for name, path in code.items()}
    if len(planned) > MAX_FILES:
        raise UnfitFolderError(f"{folder} has more than {MAX_FILES} files: is it the right one?")
    return {f"{serving['weights']}/{name}": path for name, path in sorted(planned.items())}


def _files(folder: Path) -> dict[str, Path]:
    return {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and not NOT_WEIGHTS & set(path.relative_to(folder).parts)
    }


def upload(s3: "S3Client", bucket: str, planned: Mapping[str, Path]) -> None:
    for key, path in planned.items():
        print(f"{path.stat().st_size:>15,} B  {key}", flush=True)
        s3.upload_file(str(path), bucket, key)


def strangers(s3: "S3Client", bucket: str, prefix: str, planned: Mapping[str, Path]) -> list[str]:
    """Keys that lie there and were not sent now: the endpoint would read them too."""
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"{prefix}/", MaxKeys=2 * MAX_FILES)
    return sorted({entry["Key"] for entry in listed.get("Contents", [])} - planned.keys())


def _bucket(stage: Stage) -> str:
    account = boto3.client("sts", region_name=stage.region).get_caller_identity()["Account"]
    return f"{stage.prefix}-{account}-files"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="sluicectl weights",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model")
    parser.add_argument("folder", type=Path)
    cloud = [name for name, stage in STAGES.items() if stage.serving == "cloud"]
    parser.add_argument("--stage", required=True, choices=sorted(cloud))
    chosen = parser.parse_args(arguments)
    stage = STAGES[chosen.stage]
    try:
        serving = get_serving(stage, chosen.model)
        planned = plan(serving, chosen.folder)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    bucket, s3 = _bucket(stage), boto3.client("s3", region_name=stage.region)
    upload(s3, bucket, planned)
    for key in strangers(s3, bucket, serving["weights"], planned):
        print(f"left from before, delete it if it does not belong: {key}", file=sys.stderr)
    return 0
