"""Says what a real AWS account still lacks before a stage works in it. Reads, never writes.

    make doctor STAGE=dev

Exit status 1 when something is missing or could not be asked.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from ops.account import QUESTIONS, Finding, Needs, ask
from ops.needs import needs_of
from stacks.config import STAGES

NO_CREDENTIALS: Final = (
    "There are no working AWS credentials here, so nothing could be asked: sign in first "
    "(`aws sso login`, or AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)."
)
MARKS: Final = {"ok": "ok", "missing": "MISSING", "unknown": "UNKNOWN"}


def examine(session: boto3.Session, needs: Needs) -> list[Finding]:
    """Every finding, the first of them whether AWS knows us at all."""
    try:
        caller = session.client("sts", region_name=needs.region).get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        return [Finding("missing", "credentials", str(error)[:300], NO_CREDENTIALS)]
    known = Finding("ok", "credentials", f"account {caller['Account']} as {caller['Arn']}")
    return [known, *(found for question in QUESTIONS for found in ask(question, session, needs))]


def table(findings: Sequence[Finding]) -> str:
    lines = []
    for finding in findings:
        lines.append(f"{MARKS[finding.state]:8} {finding.what:20} {finding.detail}")
        if finding.state != "ok":
            lines.append(f"{'':8} {'':20} -> {finding.remedy}")
    lacking = sum(finding.state != "ok" for finding in findings)
    return "\n".join([*lines, f"{lacking} to mend" if lacking else "nothing is missing"])


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="sluicectl doctor", description=__doc__)
    parser.add_argument("--stage", default="dev", choices=sorted(STAGES))
    chosen = parser.parse_args(arguments)
    try:
        needs = needs_of(STAGES[chosen.stage])
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    findings = examine(boto3.Session(), needs)
    print(table(findings))
    return 1 if any(finding.state != "ok" for finding in findings) else 0
