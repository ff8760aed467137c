"""Novita's requests as far as the models here honour them.

Its official clients send every field they know, with null or a neutral value where nobody chose
one. Those are taken; what no model here can do is refused by name, never ignored.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from functions.inference import nulls
from functions.inference.novita.wish import Wish
from functions.inference.webhooks.target import MAX_URL_CHARS

MAX_NAME_CHARS = 128
MAX_PROMPT_CHARS = 10_000
MAX_IMAGE_CHARS = 6_000_000
MAX_SIDE_PIXELS = 4_096
MAX_SEED = 2**63 - 1
MAX_QUERY_CHARS = 128

type ImageType = Literal["png", "webp", "jpeg"]
type TaskStatus = Literal["TASK_STATUS_SUCCEED", "TASK_STATUS_FAILED"]


class Strict(BaseModel):
    """Unknown fields are refused, those that are null count as left out, types are not guessed."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def without_nulls(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {name: value for name, value in given.items() if value is not None}

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> Any:
        """The API's document tells that nulls are taken."""
        return nulls.told(handler.resolve_ref_schema(handler(core_schema)))


def _nothing(value: Any) -> Any:
    """Of what is never honoured: only a value that asks for nothing."""
    empty = value in (None, "", 0, False) or value == [] or _is_hollow(value)
    if not empty:
        raise ValueError("no model here can do this; leave it out")
    return value


def _is_hollow(value: Any) -> bool:
    """`{}`, or an object of nothing but nothings, such as `{"units": []}`."""
    return isinstance(value, dict) and all(
        inner in (None, "", 0, False) or inner in ([], {}) for inner in value.values()
    )


QueryText = Annotated[str, Field(max_length=MAX_QUERY_CHARS)]
Unsupported = Annotated[Any, AfterValidator(_nothing)]
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS)]
ModelName = Annotated[
    Name, Field(description="Without it: the first of the stage's models that does the task.")
]
Prompt = Annotated[str, Field(min_length=1, max_length=MAX_PROMPT_CHARS)]
NegativePrompt = Annotated[str, Field(max_length=MAX_PROMPT_CHARS)]
Image = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MAX_IMAGE_CHARS,
        description="Base64, a data URL, or `upload:{id}`; addresses are not fetched.",
    ),
]
Side = Annotated[int, Field(ge=1, le=MAX_SIDE_PIXELS)]
Count = Annotated[int, Field(ge=1, le=8)]
Steps = Annotated[int, Field(ge=1, le=100)]
Seed = Annotated[int, Field(ge=-1, le=MAX_SEED, description="-1 is a random one.")]
Guidance = Annotated[float, Field(ge=0, le=30)]
Strength = Annotated[float, Field(ge=0, le=1)]


# What comes beside a request


class TestMode(Strict):
    """`enabled` sends a mock event to the address and makes no task."""

    enabled: bool = False
    return_task_status: TaskStatus = "TASK_STATUS_SUCCEED"


class Webhook(Strict):
    url: Annotated[str, Field(min_length=1, max_length=MAX_URL_CHARS)]
    test_mode: TestMode | None = None


class EnterprisePlan(Strict):
    enabled: Annotated[
        bool, AfterValidator(_nothing), Field(description="There are no dedicated endpoints here.")
    ] = False


class SyncExtra(Strict):
    response_image_type: ImageType = "png"
    enterprise_plan: EnterprisePlan | None = None


class Extra(SyncExtra):
    """`custom_storage` must be empty. Every picture is screened whatever is asked; with
    `enable_nsfw_detection` the answer says what screening found. What it finds are levels 0 and 1;
    nobody looks for swimwear (2)."""

    webhook: Webhook | None = None
    enable_nsfw_detection: bool = False
    nsfw_detection_level: Annotated[int, Field(ge=0, le=1)] = 0
    custom_storage: Unsupported = None

    def wish(self) -> Wish:
        test = self.webhook.test_mode if self.webhook else None
        return Wish(
            image_type=self.response_image_type,
            nsfw=self.enable_nsfw_detection,
            webhook_url=self.webhook.url if self.webhook else None,
            mock_status=test.return_task_status if test and test.enabled else None,
        )


# The requests themselves


class Diffusion(Strict):
    """What the three generating requests share. Sampling is the model's own where its card names
    no sampler, and only the clients' default is taken then."""

    model_name: ModelName | None = None
    prompt: Prompt
    negative_prompt: NegativePrompt | None = None
    image_num: Count | None = None
    steps: Steps | None = None
    seed: Seed | None = None
    guidance_scale: Guidance | None = None
    sampler_name: Annotated[str, Field(max_length=MAX_NAME_CHARS)] | None = None
    sd_vae: Unsupported = None
    clip_skip: Annotated[int, Field(ge=0, le=1, description="1 skips no layer.")] | None = None
    loras: Unsupported = None
    embeddings: Unsupported = None
    restore_faces: Unsupported = None


class Txt2ImgRequest(Diffusion):
    width: Side | None = None
    height: Side | None = None
    hires_fix: Unsupported = None
    refiner: Unsupported = None
    enable_transparent_background: Unsupported = None


class Img2ImgRequest(Diffusion):
    image_base64: Image
    width: Side | None = None
    height: Side | None = None
    strength: Strength | None = None
    controlnet: Unsupported = None
    ip_adapters: Unsupported = None
    extra: Annotated[Unsupported, Field(description="Sent by a client; must be empty.")] = None


class InpaintingRequest(Diffusion):
    """`inpainting_full_res_padding` has a meaning only with `inpainting_full_res`, which must be
    0."""

    image_base64: Image
    mask_image_base64: Image
    strength: Strength | None = None
    mask_blur: Unsupported = None
    inpainting_full_res: Unsupported = None
    inpainting_full_res_padding: Annotated[int, Field(ge=0, le=256)] | None = None
    inpainting_mask_invert: Unsupported = None
    initial_noise_multiplier: (
        Annotated[float, Field(ge=0.5, le=0.5, description="The clients' default.")] | None
    ) = None


class UpscaleRequest(Strict):
    model_name: ModelName | None = None
    image_base64: Image
    scale_factor: Annotated[float, Field(gt=1, le=4)]


class Txt2Img(Strict):
    extra: Extra = Extra()
    request: Txt2ImgRequest


class Img2Img(Strict):
    extra: Extra = Extra()
    request: Img2ImgRequest


class Inpainting(Strict):
    extra: Extra = Extra()
    request: InpaintingRequest


class Upscale(Strict):
    extra: Extra = Extra()
    request: UpscaleRequest


class FlatRemoveBackground(Strict):
    image: Image


RESOLUTIONS: Final = {"2k": 2_048, "4k": 4_096, "8k": 8_192}


class FlatUpscaler(Strict):
    """`resolution` is the longer side of the answer: 2048, 4096 or 8192 pixels. The model must
    make exactly that of this very picture."""

    image: Image
    resolution: Literal["2k", "4k", "8k"] = "4k"
    output_format: ImageType = "jpeg"


class RemoveBackground(Strict):
    image_file: Image
    extra: SyncExtra = SyncExtra()


class HubQuery(BaseModel):
    """`hub` reads the query itself, in each way of writing it; this is for the API document."""

    visibility: QueryText = Field("", alias="filter.visibility", examples=["public"])
    source: QueryText = Field("", alias="filter.source")
    types: QueryText = Field("", alias="filter.types", examples=["checkpoint"])
    is_sdxl: QueryText = Field("", alias="filter.is_sdxl", examples=["true"])
    is_inpainting: QueryText = Field("", alias="filter.is_inpainting", examples=["False"])
    query: QueryText = Field("", alias="filter.query", description="Part of a name or a tag.")
    limit: QueryText = Field("", alias="pagination.limit", examples=["100"])
    cursor: QueryText = Field("", alias="pagination.cursor", examples=["c_0"])
