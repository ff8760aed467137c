"""/v1/inference/jobs/{job_id}/results/{name}: where signed result links lead."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse

from functions.inference import files
from functions.inference.jobs import store
from functions.inference.jobs.job import Job
from functions.inference.results import conversion, links
from sluice import clock, standing
from sluice.errors import Forbidden, Gone
from sluice.http import PROBLEMS

router = APIRouter(prefix="/v1/inference/jobs", tags=["jobs"], responses=PROBLEMS)


@router.get("/{job_id}/results/{name}", status_code=302, response_class=RedirectResponse)
async def get_result(
    job_id: str,
    name: str,
    expires: Annotated[int, Query(ge=0, le=10**11)],
    signature: Annotated[str, Query(max_length=64)],
) -> RedirectResponse:
    """Redirects to the file. The link itself is the credential: it came from the job.

    Refusals: `invalid_link`, `result_expired`."""
    if not links.is_genuine(job_id, name, expires, signature):
        raise Forbidden("The link's signature does not fit.", code="invalid_link")
    job = store.find_job(job_id)
    if (
        expires <= clock.now_s()
        or job is None
        or links.signed_ms(expires) <= standing.distrusted_until_ms(job.account)
        or not _provided(job, name)
    ):
        raise Gone(
            "This link has expired or was ended, or its result was deleted; GET the job for a new "
            "one.",
            code="result_expired",
        )
    return RedirectResponse(
        files.presign(files.result_key(job_id, name), name),
        status_code=302,
        headers={"Cache-Control": "no-store"},
    )


def _provided(job: Job, name: str) -> bool:
    """Whether the job has such a file, or a picture that is to be had in this format too."""
    if job.deleted:
        return False
    if any(file.name == name for file in job.files):
        return True
    source = conversion.find_source(job, name)
    if source is None:
        return False
    conversion.provide(job, source, name)
    return True
