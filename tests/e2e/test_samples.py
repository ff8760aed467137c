"""Every sample in our documents runs as pasted, against the running product."""

import re
from itertools import groupby
from pathlib import Path
from typing import Final

import pytest

from tests.e2e import samples
from tests.e2e.product import Product

pytestmark = pytest.mark.xdist_group("platform")

ALL: Final = [sample for page in samples.PAGES for sample in samples.on(page)]
RUN: Final = [sample for sample in ALL if sample.pattern is not None]
BY_PAGE: Final = [(page, list(of)) for page, of in groupby(RUN, key=lambda one: one.page)]


@pytest.mark.parametrize("sample", ALL, ids=str)
def test_a_sample_says_what_it_prints_or_why_it_is_not_run(sample: samples.Sample) -> None:
    assert sample.said.startswith(("prints: ", "not run: ")), sample


def test_each_task_has_samples_in_three_languages() -> None:
    of_tasks = [sample.language for sample in RUN if sample.page.name == "tasks.md"]

    for language in ("bash", "python", "javascript"):
        assert of_tasks.count(language) >= 6


@pytest.mark.parametrize(("page", "ordered"), BY_PAGE, ids=[str(page.name) for page, _ in BY_PAGE])
def test_the_samples_of_a_page_run_as_pasted_one_after_another(
    page: Path, ordered: list[samples.Sample], product: Product, tmp_path: Path
) -> None:
    """By an account of its own, in a folder where each finds what those before it left."""
    reader = product.newcomer()
    given = {"SLUICE_URL": product.url, "SLUICE_API_KEY": reader.key}
    samples.furnish(tmp_path)

    failed = []
    for sample in ordered:
        done = samples.run(sample, tmp_path, given)
        if done.returncode or not re.search(str(sample.pattern), done.stdout):
            failed.append(
                f"{sample}: {done.returncode}\n{done.stdout[-1500:]}{done.stderr[-1500:]}"
            )

    assert not failed, "\n\n".join(failed)
