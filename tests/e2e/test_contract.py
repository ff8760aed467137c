"""The running product answers as its document says; what is asked comes from the document too."""

from typing import Any, Final

import pytest
import requests
from hypothesis import HealthCheck, assume, settings

from tests.contract import document
from tests.e2e.product import Person, Product

pytestmark = pytest.mark.xdist_group("platform")

TIMEOUT_S: Final = 40
SIGNING_UP: Final = "^/v1/auth/(sign-up|sign-in|sign-out|verify|password|compromised)"
"""Counted by address, which all these tests share; asked about in process."""

LINE_BREAK: Final = "%0A"

quick = document.schema(max_examples=1, coverage=False).exclude(path_regex=SIGNING_UP)
thorough = document.schema(max_examples=10, coverage=True).exclude(path_regex=SIGNING_UP)
relaxed = settings(suppress_health_check=list(HealthCheck), deadline=None)


@pytest.fixture(scope="module")
def somebody(product: Product) -> Person:
    """Whose rates and bounds may be used up."""
    return product.newcomer()


def ask(product: Product, who: Person, case: Any) -> Any:
    """Send a request as whoever may call the operation."""
    required = case.operation.definition.raw["security"]
    session = requests.Session()
    session.trust_env = False
    if any("ApiKey" in one for one in required):
        session.headers["Authorization"] = f"Bearer {who.key}"
    elif required:
        session.headers["Cookie"] = who.browser.session
    return case.call(
        base_url=product.url, session=session, allow_redirects=False, timeout=TIMEOUT_S
    )


@quick.parametrize()
@relaxed
def test_no_answer_is_undescribed_and_none_is_our_fault(
    case: Any, product: Product, somebody: Person
) -> None:
    answer = ask(product, somebody, case)

    document.judge(case, answer)


@pytest.mark.prove
@thorough.parametrize()
@relaxed
def test_none_is_of_many_more_either(case: Any, product: Product, somebody: Person) -> None:
    # The emulator's gateway knows no path with a line break, and says so in its own way; the
    # services are asked such paths in process.
    assume(LINE_BREAK not in case.formatted_path)
    answer = ask(product, somebody, case)

    document.judge(case, answer)
