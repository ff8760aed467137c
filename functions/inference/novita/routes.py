"""/v3 and /openapi: the doors for Novita's clients. What succeeds is answered with exactly 200."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from functions.inference.novita import account, hub, quotas, service
from functions.inference.novita.answers import (
    HubPage,
    ImageFile,
    NovitaBalance,
    NovitaUser,
    QuotaList,
    TaskCreated,
    TaskResult,
)
from functions.inference.novita.schemas import (
    RESOLUTIONS,
    FlatRemoveBackground,
    FlatUpscaler,
    HubQuery,
    Img2Img,
    Inpainting,
    RemoveBackground,
    Txt2Img,
    Upscale,
)
from functions.inference.novita.service import Asker, Created
from functions.inference.novita.wish import Wish
from sluice.principal import Principal, require

MAX_ID_CHARS = 64

router = APIRouter(tags=["novita"])
Caller = Annotated[Principal, Depends(require("inference"))]
Reader = Annotated[Principal, Depends(require("inference:read"))]
Payer = Annotated[Principal, Depends(require("billing:read"))]


def asker(
    caller: Caller,
    request: Request,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
) -> Asker:
    return Asker(caller, request.url.path, idempotency_key)


Asking = Annotated[Asker, Depends(asker)]


type NamesModel = Txt2Img | Img2Img | Inpainting | Upscale


def _create(asking: Asker, task: str, body: NamesModel, response: Response) -> TaskCreated:
    fields = body.request.model_dump(exclude_none=True)
    return _told(response, service.create(asking, task, fields, body.extra.wish()))


def _told(response: Response, created: Created) -> TaskCreated:
    if created.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return TaskCreated(task_id=created.task_id)


@router.post("/v3/async/txt2img")
async def create_txt2img(body: Txt2Img, asking: Asking, response: Response) -> TaskCreated:
    """Pictures from words. A task's id is a job's id."""
    return _create(asking, "text-to-image", body, response)


@router.post("/v3/async/img2img")
async def create_img2img(body: Img2Img, asking: Asking, response: Response) -> TaskCreated:
    """A picture from a picture. A model that knows styles takes a style's name as the prompt."""
    return _create(asking, "image-to-image", body, response)


@router.post("/v3/async/inpainting")
async def create_inpainting(body: Inpainting, asking: Asking, response: Response) -> TaskCreated:
    """The masked part of a picture, painted anew."""
    return _create(asking, "inpainting", body, response)


@router.post("/v3/async/upscale")
async def create_upscale(body: Upscale, asking: Asking, response: Response) -> TaskCreated:
    """A larger picture, as many times as the model enlarges."""
    return _create(asking, "upscale", body, response)


@router.post("/v3/async/image-remove-background")
async def create_background_removal(
    body: FlatRemoveBackground, asking: Asking, response: Response
) -> TaskCreated:
    """What a picture is about, without its background: a PNG."""
    created = service.create_flat(asking, "remove-background", body.image, Wish("png"))
    return _told(response, created)


@router.post("/v3/async/image-upscaler")
async def create_upscaled(body: FlatUpscaler, asking: Asking, response: Response) -> TaskCreated:
    """A picture whose longer side has 2048, 4096 or 8192 pixels."""
    longer_pixels, wish = RESOLUTIONS[body.resolution], Wish(body.output_format)
    created = service.create_upscaled(asking, body.image, longer_pixels, wish)
    return _told(response, created)


@router.get("/v3/async/task-result")
async def get_task_result(
    caller: Reader, task_id: Annotated[str, Query(min_length=1, max_length=MAX_ID_CHARS)]
) -> TaskResult:
    """A task as it stands, with fresh links once it has succeeded. Refusals: `job_not_found`."""
    return TaskResult(**service.show_task(caller, task_id))


@router.post("/v3/remove-background")
async def remove_background(
    body: RemoveBackground, asking: Asking, response: Response
) -> ImageFile:
    """What a picture is about, without its background, in the answer itself."""
    image_type = body.extra.response_image_type
    image, created = await service.answer_picture(
        asking, "remove-background", body.image_file, image_type
    )
    _told(response, created)
    return ImageFile(image_file=image, image_type=image_type)


@router.get("/v3/model")
async def list_models(
    caller: Reader,
    request: Request,
    query: Annotated[HubQuery, Query()],
) -> HubPage:
    """Models that make pictures. Filters may be written in brackets too: `filter[types]`."""
    return hub.list_models(request.query_params.multi_items())


@router.get("/v3/user")
async def get_user(payer: Payer) -> NovitaUser:
    """The account's credit."""
    return account.show_user(payer)


@router.get("/openapi/v1/billing/balance/detail")
async def get_balance_detail(payer: Payer) -> NovitaBalance:
    """The account's credit in detail; `GET /v1/billing/balance` tells it exactly."""
    return account.show_balance(payer)


@router.get("/openapi/v1/user/quota/list")
async def list_quotas(caller: Reader) -> QuotaList:
    """How many requests a minute each model takes."""
    return quotas.list_quotas(caller.tier)
