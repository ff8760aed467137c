"""Sends the built web to a stage's bucket: what pages need first, the page that asks for it last.

    sluicectl web --stage dev

Files of earlier versions stay for whoever has an older page open; their names have hashes.
"""

import argparse
import mimetypes
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import boto3

from ops.paths import ROOT
from stacks.config import STAGES
from stacks.web_headers import IMMUTABLE, REVALIDATED

DIST: Final = ROOT / "web" / "dist"
PAGE: Final = "index.html"
UNSENT: Final = ".vite"


def files(dist: Path) -> Iterator[str]:
    """Keys in the order in which they are sent. Raises FileNotFoundError for a web not built."""
    if not (dist / PAGE).is_file():
        raise FileNotFoundError(f"{dist / PAGE}: build the web first (make platform)")
    found = sorted(path.relative_to(dist).as_posix() for path in dist.rglob("*") if path.is_file())
    yield from (key for key in found if key != PAGE and not key.startswith(UNSENT))
    yield PAGE


def send(session: boto3.Session, bucket: str, dist: Path) -> int:
    """Gives how many files were sent."""
    s3 = session.client("s3")
    keys = list(files(dist))
    for key in keys:
        kind = mimetypes.guess_type(key)[0] or "application/octet-stream"
        s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=(dist / key).read_bytes(),
            ContentType=f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
            CacheControl=IMMUTABLE if key.startswith("assets/") else REVALIDATED,
        )
    return len(keys)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="sluicectl web", description=__doc__)
    parser.add_argument("--stage", required=True, choices=sorted(STAGES))
    stage = STAGES[parser.parse_args(arguments).stage]
    session = boto3.Session(region_name=stage.region)
    account = stage.account or session.client("sts").get_caller_identity()["Account"]
    bucket = stage.web_bucket_of(account)
    print(f"{send(session, bucket, DIST)} files are in {bucket}")
    return 0
