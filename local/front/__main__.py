"""Start the front: `python -m local.front --home .sluice/platform`."""

import argparse
import os
from pathlib import Path

import httpx
import uvicorn

from local.front.app import create_app
from local.home import Home, read_json
from local.ports import LOOPBACK

TIMEOUT_S = 60
MAX_CONNECTIONS = 200


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m local.front", description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    home = Home(parser.parse_args().home)
    emulator = httpx.AsyncClient(
        base_url=os.environ["AWS_ENDPOINT_URL"],
        verify=os.environ["AWS_CA_BUNDLE"],
        timeout=TIMEOUT_S,
        limits=httpx.Limits(max_connections=MAX_CONNECTIONS),
        trust_env=False,
    )
    port = int(read_json(home.running)["port"])
    uvicorn.run(
        create_app(home, emulator), host=LOOPBACK, port=port, log_level="warning", access_log=False
    )


if __name__ == "__main__":
    main()
