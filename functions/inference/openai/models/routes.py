"""/openai/v1/models"""

from fastapi import APIRouter

from functions.inference.models.service import is_served, known_cards
from functions.inference.openai.caller import Reader
from functions.inference.openai.models.schemas import OpenAIModel, OpenAIModelList
from sluice.catalog import get_card

router = APIRouter()


@router.get("/models")
async def list_models(caller: Reader) -> OpenAIModelList:
    """The models that this stage serves, with their prices."""
    return OpenAIModelList(data=[OpenAIModel.of(card) for card in known_cards() if is_served(card)])


@router.get("/models/{model:path}")
async def get_model(model: str, caller: Reader) -> OpenAIModel:
    """One model, whether or not this stage serves it. Refusals: `model_not_found`."""
    return OpenAIModel.of(get_card(model))
