"""/v1/inference/models"""

from typing import Annotated

from fastapi import APIRouter, Depends

from functions.inference.models import service
from functions.inference.models.schemas import ModelBody, ModelList, show, summarize
from sluice.catalog import get_card
from sluice.http import PROBLEMS
from sluice.principal import Principal, require

router = APIRouter(
    prefix="/v1/inference/models",
    tags=["models"],
    responses=PROBLEMS,
    dependencies=[Depends(require("inference:read"))],
)


@router.get("")
async def list_models() -> ModelList:
    """Every model Sluice knows, and whether this stage serves it."""
    return ModelList(data=[summarize(card) for card in service.known_cards()])


@router.get("/{model:path}")
async def get_model(
    model: str, caller: Annotated[Principal, Depends(require("inference:read"))]
) -> ModelBody:
    """One model: schema, examples, price, limits, how warm it is, and the caller's own queue at
    it. Refusals: `model_not_found`."""
    return show(get_card(model), caller)
