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

    @app.post(path)
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


def test_a_refusal_is_a_problem_and_in_openais_shape_on_openais_routes() -> None:
    merged = merge([app_of("/v1/billing/balance"), app_of("/openai/v1/embeddings")], [])

    own = merged["paths"]["/v1/billing/balance"]["post"]["responses"]
    compatible = merged["paths"]["/openai/v1/embeddings"]["post"]["responses"]
    assert "422" not in own
    assert own["default"]["content"]["application/problem+json"]["schema"]["$ref"].endswith(
        "Problem"
    )
    assert compatible["default"]["content"]["application/json"]["schema"]["$ref"].endswith(
        "OpenAIError"
    )
    assert "HTTPValidationError" not in merged["components"]["schemas"]


def test_a_refusal_has_the_shape_of_its_familys_routes() -> None:
    merged = merge([app_of("/v3/async/upscale"), app_of("/v3/openai/embeddings")], [])

    shapes = [
        operation["post"]["responses"]["default"]["content"]["application/json"]["schema"]["$ref"]
        for operation in merged["paths"].values()
    ]
    assert [shape.rpartition("/")[2] for shape in shapes] == ["NovitaError", "OpenAIError"]


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
