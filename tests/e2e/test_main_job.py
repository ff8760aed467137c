"""What the product is for: eight tasks, and their bill."""

import pytest

from local import compatible
from local.bill import add_up
from local.main_job import run_all
from tests.e2e.product import Person, Product

pytestmark = pytest.mark.xdist_group("platform")


def test_eight_tasks_are_done_and_billed_to_the_nanodollar(
    product: Product, customer: Person
) -> None:
    before = add_up(customer.program)

    done = run_all(customer.program, product.home.pictures)

    after = add_up(customer.program)
    assert [row.task for row in done] == [
        "chat",
        "embedding",
        "text-to-image",
        "image-to-image",
        "inpainting",
        "upscale",
        "image-to-image",
        "text-to-speech",
        "speech-to-text",
    ]
    assert [row.status for row in done] == ["succeeded"] * 9
    charged = sum(row.charged_nanos for row in done)
    assert after.charged_nanos - before.charged_nanos == charged
    assert before.available_nanos - after.available_nanos == charged
    assert after.held_nanos == 0
    # A request, a picture, and 256 × 256 pixels in 16 steps at 25,000 nanos a million.
    assert done[2].charged_nanos == 1_250_000 + 1_050_000 + 26_214
    # A request, and 512 × 512 pixels at 5,000,000 nanos a million.
    assert done[5].charged_nanos == 2_050_000 + 1_310_720


def test_the_same_tasks_are_done_and_billed_through_compatible_doors(
    product: Product, customer: Person
) -> None:
    before = add_up(customer.program)

    done = compatible.run_all(product.url, customer.key, customer.program, product.home.pictures)

    after = add_up(customer.program)
    drawing = {"text-to-image", "image-to-image", "inpainting"}
    assert {row.task for row in done if row.door.startswith("/openai/")} >= drawing
    assert {row.task for row in done if row.door.startswith("/v3/")} == drawing | {"upscale"}
    assert len({row.task for row in done}) == 8
    assert after.charged_nanos - before.charged_nanos == sum(row.charged_nanos for row in done)
    assert after.held_nanos == 0
