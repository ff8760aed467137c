"""One API document from four applications."""

from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from fastapi.security import HTTPBearer
from pydantic import BaseModel

from ops.openapi import ClashError, merge

type Document = dict[str, Any]
MODEL: Document = {"id": "tiny", "input": {"type": "object"}, "output": {"type": "string"}}


class Balance(BaseModel):
    usd: str


def app_of(path: str) -> Document:
    app = FastAPI()

    @app.post(path, tags=["keys"])
    async def create(
        body: Balance, _key: Annotated[object, Depends(HTTPBearer(scheme_name="ApiKey"))]
    ) -> Balance:
        return body

    return app.openapi()


def test_paths_schemas_and_security_of_every_service_stand_in_one_document() -> None:
    merged = merge([app_of("/v1/billing/balance"), app_of("/v1/auth/keys")], [])

    assert set(merged["paths"]) == {"/v1/billing/balance", "/v1/auth/keys"}
    assert merged["components"]["schemas"]["Balance"]["properties"]["usd"]["type"] == "string"
    assert "ApiKey" in merged["components"]["securitySchemes"]


def test_a_refusal_has_the_shape_and_the_status_of_its_routes_family() -> None:
    paths = ["/v1/billing/balance", "/openai/v1/embeddings", "/v3/openai/embeddings", "/v3/upscale"]

    merged = merge([app_of(path) for path in paths], [])

    refused = [merged["paths"][path]["post"]["responses"] for path in paths]
    assert ["422" in answers for answers in refused] == [True, False, False, False]
    assert [shape_of(answers["400"]) for answers in refused] == [
        *("Problem", "OpenAIError", "OpenAIError", "NovitaError")
    ]
    assert "HTTPValidationError" not in merged["components"]["schemas"]


def shape_of(answer: Document) -> str:
    (content,) = answer["content"].values()
    return str(content["schema"]["$ref"].rpartition("/")[2])


def test_a_docstring_names_the_refusals_that_are_its_own() -> None:
    document = app_of("/v1/auth/keys")
    document["paths"]["/v1/auth/keys"]["post"]["description"] = "Refusals: `too_many_keys`."

    answers = merge([document], [])["paths"]["/v1/auth/keys"]["post"]["responses"]

    shown = answers["409"]["content"]["application/problem+json"]["examples"]
    assert list(shown) == ["too_many_keys"]


def test_a_refusal_that_the_page_on_errors_does_not_explain_stops_the_document() -> None:
    document = app_of("/v1/auth/keys")
    document["paths"]["/v1/auth/keys"]["post"]["description"] = "Refusals: `out_of_luck`."

    with pytest.raises(ClashError, match="out_of_luck"):
        merge([document], [])


def test_a_tag_that_nothing_explains_stops_the_document() -> None:
    document = app_of("/v1/auth/keys")
    document["paths"]["/v1/auth/keys"]["post"]["tags"] = ["misc"]

    with pytest.raises(ClashError, match="misc"):
        merge([document], [])


def test_each_models_own_schemas_stand_in_the_document() -> None:
    merged = merge([], [MODEL])

    assert merged["components"]["schemas"]["tiny.input"] == {"type": "object"}


def test_two_services_may_not_describe_different_things_by_one_name() -> None:
    one, other = app_of("/v1/billing/balance"), app_of("/v1/auth/keys")
    other["components"]["schemas"]["Balance"] = {"type": "integer"}

    with pytest.raises(ClashError, match="'Balance'"):
        merge([one, other], [])


def test_an_operation_is_named_by_its_family_and_function() -> None:
    merged = merge([app_of("/v1/billing/top-ups"), app_of("/openai/v1/embeddings")], [])

    assert merged["paths"]["/v1/billing/top-ups"]["post"]["operationId"] == "billing_create"
    assert merged["paths"]["/openai/v1/embeddings"]["post"]["operationId"] == "openai_create"


def test_two_routes_of_a_family_may_not_share_a_name() -> None:
    with pytest.raises(ClashError, match="billing_create"):
        merge([app_of("/v1/billing/balance"), app_of("/v1/billing/top-ups")], [])
