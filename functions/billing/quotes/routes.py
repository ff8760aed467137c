"""/v1/billing/quotes"""

from fastapi import APIRouter, Depends

from functions.billing.quotes import service
from functions.billing.quotes.schemas import QuoteBody, QuoteRequest, show
from sluice.http import PROBLEMS
from sluice.principal import acting_principal

router = APIRouter(
    prefix="/v1/billing/quotes",
    tags=["billing"],
    responses=PROBLEMS,
    dependencies=[Depends(acting_principal)],
)


@router.post("")
async def create_quote(body: QuoteRequest) -> QuoteBody:
    """What a job would cost at most. It is computed, not stored, and it holds nothing; whoever has
    a key or a session may ask, since prices are public.

    Refusals: `model_not_found`, `unpriced_unit`."""
    if body.units is not None:
        return show(service.quote_units(body.model, body.units))
    return show(service.quote_input(body.model, body.input or {}, body.media))
