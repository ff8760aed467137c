"""A job's files inside an answer, as far as an answer can carry them."""

from functions.inference import files
from functions.inference.jobs.job import Job
from sluice.errors import NotFound, PayloadTooLarge
from sluice.http import MAX_ANSWER_BYTES


def read(job: Job) -> list[bytes]:
    """Every file of the ended job, in order. Raises PayloadTooLarge when they do not fit an answer
    together: the job keeps them."""
    size_bytes = sum(file.size_bytes for file in job.files)
    if size_bytes > MAX_ANSWER_BYTES:
        raise PayloadTooLarge(
            f"The answer has {size_bytes} bytes, and a response carries {MAX_ANSWER_BYTES}. It is "
            f"kept: GET /v1/inference/jobs/{job.id} gives links to it."
        )
    return [_content(job, file.name) for file in job.files]


def _content(job: Job, name: str) -> bytes:
    content = files.find(files.result_key(job.id, name))
    if content is None:
        raise NotFound("The result of this request was deleted.", code="result_deleted")
    return content
