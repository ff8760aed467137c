"""What the product is for: seven tasks, and their bill."""

import pytest

from local import compatible
from local.bill import add_up
from local.main_job import run_all
from tests.e2e.product import Person, Product

pytestmark = pytest.mark.xdist_group("platform")


def test_seven_tasks_are_done_and_billed_to_the_nanodollar(
    product: Product, customer: Person
) -> None:
    before = add_up(customer.program)

    done = run_all(customer.program, product.home.pictures)

    after = add_up(customer.program)
    assert [row.task for row in done] == [
        "chat",
        "embedding",
        "text-to-image",
        "upscale",
        "image-to-image",
        "text-to-speech",
        "speech-to-text",
    ]
    assert [row.status for row in done] == ["succeeded"] * 7
    charged = sum(row.charged_nanos for row in done)
    assert after.charged_nanos - before.charged_nanos == charged
    assert before.available_nanos - after.available_nanos == charged
    assert after.held_nanos == 0
    # A request, and 512 × 512 pixels at 5,000,000 nanos a million.
    assert done[3].charged_nanos == 2_050_000 + 1_310_720


def test_the_same_tasks_are_done_and_billed_through_compatible_doors(
    product: Product, customer: Person
) -> None:
    before = add_up(customer.program)

    done = compatible.run_all(product.url, customer.key, customer.program, product.home.pictures)

    after = add_up(customer.program)
    assert len({row.task for row in done}) == len(done) == 7
    assert {row.door.split("/")[1] for row in done} == {"openai", "v3"}
    assert after.charged_nanos - before.charged_nanos == sum(row.charged_nanos for row in done)
    assert after.held_nanos == 0
