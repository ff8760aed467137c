"""The people of a fresh platform: an operator, and a demo account with a key."""

import secrets
import subprocess
import sys
from typing import Final

from local.client import Client, Refused
from local.home import ROOT, Home, read_json, write_json
from local.parts import STAGE, credentials, own_environment, python_path
from local.ports import Ports

OPERATOR: Final = "operator@example.com"
DEMO: Final = "demo@example.com"
PASSWORD_BYTES: Final = 18
APPOINT_TIMEOUT_S: Final = 60
UNAUTHORIZED: Final = 401


def ensure(home: Home, ports: Ports, url: str) -> str:
    """The demo account's key; whoever is missing signs up first, as anybody does. What is done is
    kept at each step, so that an interrupted start goes on where it was."""
    known = read_json(home.accounts)
    if "key" in known and _is_live(url, known["key"]):
        return str(known["key"])
    if "demo" in known and not _can_sign_in(url, DEMO, known["demo"]):
        known = {}  # the emulator was killed, and lost them
    if "operator" not in known:
        known["operator"] = _sign_up(url, OPERATOR)
        write_json(home.accounts, known)
    if "operator_user" not in known:
        known["operator_user"] = _appoint(home, ports, url, known["operator"])
        write_json(home.accounts, known)
    if "demo" not in known:
        known["demo"] = _sign_up(url, DEMO)
        write_json(home.accounts, known)
    with Client(url) as client:
        client.sign_in(DEMO, known["demo"])
        client.wait_for_credit()
        known["key"] = client.call("POST", "/v1/auth/keys", {"name": "make up"})["secret"]
    write_json(home.accounts, known)
    return str(known["key"])


def _is_live(url: str, key: str) -> bool:
    with Client(url, key) as client:
        return client.is_welcome()


def _can_sign_in(url: str, email: str, password: str) -> bool:
    with Client(url) as client:
        try:
            client.sign_in(email, password)
        except Refused as refused:
            if refused.status != UNAUTHORIZED:
                raise
            return False
    return True


def _sign_up(url: str, email: str) -> str:
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    with Client(url) as client:
        client.sign_up(email, password)
    return password


def _appoint(home: Home, ports: Ports, url: str, password: str) -> str:
    """With the operator's own tool, under the emulator's root credentials; gives the user's id."""
    with Client(url) as client:
        client.sign_in(OPERATOR, password)
        user: str = client.call("GET", "/v1/auth/whoami")["user"]
    command = [sys.executable, "-m", "ops", "operators", "appoint", "--stage", STAGE.name, user]
    environment = own_environment() | credentials(home, ports) | {"PYTHONPATH": python_path()}
    subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        timeout=APPOINT_TIMEOUT_S,
    )
    return user
