"""One platform for all these tests, in a home and on ports of its own: the product as `make up`
starts it, except that its doubles take faults.

`pytest tests/e2e --keep-platform` leaves it running, and the next such run begins at once.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import background
from local.home import SLUICE, Home
from local.platform import started
from local.ports import Ports, find_free
from local.progress import Progress
from tests.e2e.product import Person, Product, submit

HERE = Path(__file__).parent
FIRST_PORT, LAST_PORT, PORTS_APART = 8640, 8900, 20
STEPS = 4
TIMEOUT_S = 600
"""The first test waits for the platform, on a machine that is busy with other tests."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--keep-platform", action="store_true", help="leave it for the next run")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.timeout(TIMEOUT_S))


@pytest.fixture(scope="session")
def product(request: pytest.FixtureRequest) -> Iterator[Product]:
    keep = request.config.getoption("--keep-platform", default=False)
    name = "kept" if keep else os.environ.get("PYTEST_XDIST_WORKER", "main")
    home = Home(SLUICE / f"e2e-{name}")
    if not keep:
        background.forget(home)
    ports = background.running_ports(home) or _free_ports()
    with started(home, ports, Progress(STEPS), faults=True):
        made = Product(home, ports)
        made.mend()
    yield made
    if not keep:
        background.forget(home)


@pytest.fixture(autouse=True)
def nothing_broken(product: Product) -> Iterator[None]:
    yield
    product.mend()


@pytest.fixture(scope="session")
def customer(product: Product) -> Person:
    """Whose jobs the tests run, one after another."""
    return product.newcomer()


@pytest.fixture(scope="session")
def stranger(product: Product) -> Person:
    """Somebody else's account."""
    return product.newcomer()


@pytest.fixture(scope="session", autouse=True)
def unheard(product: Product, stranger: Person) -> tuple[str, float]:
    """A job whose notice is lost, and when it was sent: begun with the first test, since the
    sweeper needs a minute or two to miss it."""
    product.break_model("e5-small", "lose_notice")
    job = submit(stranger.program, "e5-small", {"input": "query: is anybody there"}).json()
    return str(job["id"]), time.monotonic()


def _free_ports() -> Ports:
    # Two workers that begin together shall not find the same ones.
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return find_free(range(FIRST_PORT + number * PORTS_APART, LAST_PORT, 2 * PORTS_APART))
