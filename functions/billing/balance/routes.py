"""/v1/billing/balance"""

from typing import Annotated

from fastapi import APIRouter, Depends

from functions.billing.balance import service
from functions.billing.balance.schemas import BalanceBody, show
from sluice.http import PROBLEMS
from sluice.principal import Principal, require

router = APIRouter(prefix="/v1/billing/balance", tags=["billing"], responses=PROBLEMS)


@router.get("")
async def get_balance(
    caller: Annotated[Principal, Depends(require("billing:read"))],
) -> BalanceBody:
    """What the account has: available, held, bought, and each grant."""
    return show(service.get_balance(caller.account))
