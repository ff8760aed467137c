"""Where anybody reports keys that leaked."""

from typing import Annotated

from fastapi import APIRouter, Depends

from functions.auth.leaks import service
from functions.auth.leaks.schemas import Received, Report
from sluice.caller import Caller
from sluice.http import PROBLEMS, current_caller

router = APIRouter(prefix="/v1/auth/leaked-keys", tags=["keys"], responses=PROBLEMS)


@router.post("", status_code=202)
async def report_leaked_keys(
    body: Report, caller: Annotated[Caller, Depends(current_caller)]
) -> Received:
    """Report API keys that you found in public. Those that live are revoked at once, and their
    owners are told; the answer does not say which did. Anybody may, without a credential. Keys
    match `sk_[0-9A-Za-z]{39}`, and their last six characters are a checksum. Refusals:
    `invalid_input`, `rate_limited`."""
    service.report(body.keys, caller)
    return Received(received=len(body.keys))
