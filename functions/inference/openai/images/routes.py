"""/openai/v1/images"""

from typing import Annotated

from fastapi import APIRouter, Form, Response

from functions.inference.jobs.job import Job
from functions.inference.openai import files
from functions.inference.openai.caller import Caller, Retried, tell
from functions.inference.openai.forms import encoded, typed
from functions.inference.openai.images.schemas import EditForm, GenerationRequest, Images
from functions.inference.openai.images.service import card_of, mask_of, prompt_fields
from functions.inference.openai.service import Call, answer
from sluice.http import FORM

GENERATIONS, EDITS = "/openai/v1/images/generations", "/openai/v1/images/edits"
EDITING = frozenset({"image-to-image", "inpainting"})

router = APIRouter(prefix="/images")


@router.post("/generations", response_model_exclude_none=True)
async def create_image(
    body: GenerationRequest, response: Response, caller: Caller, retry: Retried
) -> Images:
    """Pictures made from a prompt, as links or as base64."""
    card = card_of(body.model, "text-to-image")
    call = Call(GENERATIONS, {"text-to-image"}, card.id, body.as_input(), body.further)
    answered = await answer(caller, call, retry)
    tell(response, answered)
    return _images(answered.job, body.response_format)


@router.post("/edits", response_model_exclude_none=True)
async def edit_image(
    body: Annotated[EditForm, Form(media_type=FORM)],
    response: Response,
    caller: Caller,
    retry: Retried,
) -> Images:
    """A picture changed by a prompt, by a mask, or by the name of a style."""
    card = card_of(body.model, "image-to-image" if body.mask is None else "inpainting")
    further = typed(card, body.further)
    given, names = prompt_fields(card, body.prompt, further)
    given["image"] = await encoded(body.picture)
    if body.mask is not None:
        mask = await encoded(body.mask)
        given["mask"] = mask_of(card, mask, caller.account) if card.task == "inpainting" else mask
    call = Call(EDITS, EDITING, card.id, given, further, names)
    answered = await answer(caller, call, retry)
    tell(response, answered)
    return _images(answered.job, body.response_format)


def _images(job: Job, wanted: str) -> Images:
    return Images.of(job, files.read(job) if wanted == "b64_json" else None)
