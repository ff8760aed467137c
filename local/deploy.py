"""Deploys every local stack onto the emulator, with the same CDK command line as in the cloud."""

import hashlib
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import boto3

from local.home import ROOT, SLUICE, Home, read_json, write_json
from local.parts import STAGE, credentials, function_environment
from local.ports import Ports

TIMEOUT_S: Final = 900
SOURCES: Final = ("app.py", "cdk.json", "stacks", "functions", "layers", "models/catalog.json")
_SKIPPED: Final = {"__pycache__", ".mypy_cache"}
LAST_LINES: Final = 30


class DeploymentFailed(Exception):
    """The message holds CDK's last lines and the log's path."""


def deploy(home: Home, ports: Ports) -> str:
    """Deploy unless what is deployed is what stands here; gives the API's id. Raises
    DeploymentFailed."""
    fingerprint = _fingerprint(ports)
    kept = read_json(home.deployed)
    if kept.get("fingerprint") == fingerprint and _is_there(home, ports):
        return str(kept["api_id"])
    home.deployed.unlink(missing_ok=True)
    environment = _environment(home, ports)
    context = ["-c", "stage=local", "-c", f"local={_local_context(home, ports)}"]
    if not kept:
        _cdk(["bootstrap", *context, f"aws://{STAGE.account}/{STAGE.region}"], environment, home)
    output = home.folder / "cdk.out"
    ask_nothing = ["--require-approval", "never", "--concurrency", "4", "-o", str(output)]
    _cdk(["deploy", "--all", *context, *ask_nothing], environment, home)
    answer = _client(home, ports, "ssm").get_parameter(Name=STAGE.parameter("api-id"))
    api_id: str = answer["Parameter"]["Value"]
    write_json(home.deployed, {"fingerprint": fingerprint, "api_id": api_id})
    return api_id


def _local_context(home: Home, ports: Ports) -> str:
    return json.dumps(
        {
            "publicUrl": public_url(ports),
            "s3PublicUrl": f"{public_url(ports)}/_local/s3",
            "environment": function_environment(home, ports),
        }
    )


def public_url(ports: Ports) -> str:
    return f"http://localhost:{ports.front}"


def _environment(home: Home, ports: Ports) -> dict[str, str]:
    certificate = str(home.tls / "ca.pem")
    return (
        dict(os.environ)
        | credentials(home, ports)
        | {
            "NODE_EXTRA_CA_CERTS": certificate,
            "CDK_VALIDATION": "false",
            "CDK_DISABLE_CLI_TELEMETRY": "true",
        }
    )


def _cdk(arguments: list[str], environment: dict[str, str], home: Home) -> None:
    home.logs.mkdir(parents=True, exist_ok=True)
    log = home.logs / "deploy.log"
    command = [str(ROOT / "node_modules" / ".bin" / "cdk"), *arguments]
    with log.open("ab") as file:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            timeout=TIMEOUT_S,
            check=False,
        )
    if done.returncode != 0:
        last = "\n".join(log.read_text(errors="replace").splitlines()[-LAST_LINES:])
        raise DeploymentFailed(f"{last}\n`cdk {arguments[0]}` failed; all of it is in {log}")


def _is_there(home: Home, ports: Ports) -> bool:
    """Whether the emulator still has what was deployed (its state may have been lost)."""
    stacks = _client(home, ports, "cloudformation").describe_stacks()["Stacks"]
    return any(stack["StackName"] == f"{STAGE.prefix}-watch" for stack in stacks)


def _client(home: Home, ports: Ports, service: str) -> Any:
    given = credentials(home, ports)
    make: Any = boto3.client  # typed by literals, and this takes any service
    return make(
        service,
        endpoint_url=given["AWS_ENDPOINT_URL"],
        verify=given["AWS_CA_BUNDLE"],
        region_name=given["AWS_REGION"],
        aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
    )


def _fingerprint(ports: Ports) -> str:
    """Of everything that ends up in a template or an asset, and of the addresses within."""
    digest = hashlib.sha256(str(ports.front).encode())
    for path in sorted(_files()):
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    digest.update((SLUICE / "layers" / "local" / "deps.stamp").read_bytes())
    return digest.hexdigest()


def _files() -> Iterator[Path]:
    for source in SOURCES:
        path = ROOT / source
        found = path.rglob("*") if path.is_dir() else [path]
        yield from (f for f in found if f.is_file() and not _SKIPPED & set(f.parts))
