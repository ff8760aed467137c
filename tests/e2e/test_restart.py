"""`make down && make up`: the emulator keeps what it had, and goes on."""

import pytest

from local import background
from local.platform import started
from local.progress import Progress
from tests.e2e.product import Person, Product, chat, submit

pytestmark = pytest.mark.xdist_group("platform")

STEPS = 4


def test_everything_is_there_after_a_restart_and_goes_on(
    product: Product, customer: Person
) -> None:
    job = submit(customer.program, "smollm2-135m", chat("Say hello."), wait_s=25).json()
    money = customer.money
    known = product.home.accounts.read_text()

    assert background.stop(product.home)
    with started(product.home, product.ports, Progress(STEPS), faults=True):
        pass

    assert product.home.accounts.read_text() == known
    assert customer.money == money
    assert customer.browser.is_welcome()
    assert customer.program.call("GET", f"/v1/inference/jobs/{job['id']}") == job
    # What follows from a table's stream goes on too: here the free grant.
    newcomer = product.newcomer()
    assert newcomer.money == (500_000_000, 0)
