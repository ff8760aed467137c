"""Start the front: `python -m local.front --home .sluice/platform`."""

import argparse
import os
import ssl
from pathlib import Path

import uvicorn

from local.front.app import create_app, upstream
from local.home import Home, read_json
from local.ports import LOOPBACK


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m local.front", description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    home = Home(parser.parse_args().home)
    tls = ssl.create_default_context(cafile=os.environ["AWS_CA_BUNDLE"])
    emulator = upstream(os.environ["AWS_ENDPOINT_URL"], tls)
    port = int(read_json(home.running)["port"])
    uvicorn.run(
        create_app(home, emulator), host=LOOPBACK, port=port, log_level="warning", access_log=False
    )


if __name__ == "__main__":
    main()
