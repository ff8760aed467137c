"""/v1/billing/prices"""

from fastapi import APIRouter

from functions.billing.prices import service
from functions.billing.prices.schemas import PriceBook, show
from sluice.http import PROBLEMS

router = APIRouter(prefix="/v1/billing/prices", tags=["billing"], responses=PROBLEMS)


@router.get("")
async def list_prices() -> PriceBook:
    """What each model's units cost, without taxes. Public, since whoever thinks of signing up
    must be able to read it."""
    return PriceBook(data=[show(card) for card in service.priced_cards()])
