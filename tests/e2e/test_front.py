"""The one origin: AWS's limits before the API, and nothing where nothing is."""

import pytest

from tests.e2e.product import Person, Product, code_of

pytestmark = pytest.mark.xdist_group("platform")

LAMBDA_BYTES = 6_000_000


def test_more_than_lambda_takes_is_refused_as_the_gateway_does(customer: Person) -> None:
    body = {"model": "span-x4", "input": {"image": "A" * LAMBDA_BYTES}}

    refused = customer.program.send("POST", "/v1/inference/jobs", body)

    assert refused.status_code == 413
    assert refused.json() == {"message": "Request Entity Too Large"}


def test_unknown_paths_are_404_at_every_level(product: Product) -> None:
    client = product.client()

    assert client.send("GET", "/nothing").status_code == 404
    assert client.send("GET", "/v1/nothing").status_code == 404
    assert code_of(client.send("GET", "/v1/inference/nothing")) == (404, "not_found")


def test_the_laptops_own_page_leads_to_the_mailbox(product: Product) -> None:
    client = product.client()

    assert "/_local/mail" in client.send("GET", "/_local/").text
    assert "operator@example.com" in client.send("GET", "/_local/mail").text
