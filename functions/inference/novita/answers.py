"""Novita's answers, in shapes that its official clients' parsers survive: arrays are never null, an
id of a model is a number, a status is one of four."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from functions.inference.novita.schemas import ImageType


class TaskCreated(BaseModel):
    task_id: str = Field(examples=["job_0e3s"])


class ImageFile(BaseModel):
    """A picture as base64."""

    image_file: str
    image_type: ImageType


class NsfwDetection(BaseModel):
    """`valid`: the check was made; `confidence`: in percent, that the picture is sexual."""

    valid: bool
    confidence: float


class ResultImage(BaseModel):
    image_url: str
    image_url_ttl: str
    image_type: ImageType
    nsfw_detection_result: NsfwDetection | None


class ResultAudioMetadata(BaseModel):
    text: str
    start_time: float
    end_time: float


class ResultAudio(BaseModel):
    audio_url: str
    audio_url_ttl: str
    audio_type: str
    audio_metadata: ResultAudioMetadata


class DebugInfo(BaseModel):
    """Times in milliseconds since the epoch, empty before they are known."""

    request_info: str
    submit_time_ms: str
    execute_time_ms: str
    complete_time_ms: str


class ResultExtra(BaseModel):
    seed: str
    enable_nsfw_detection: bool
    debug_info: DebugInfo


class ResultTask(BaseModel):
    """`eta` in seconds; 0 is unknown."""

    task_id: str
    task_type: str = Field(examples=["TXT_TO_IMG"])
    status: Literal[
        "TASK_STATUS_QUEUED", "TASK_STATUS_PROCESSING", "TASK_STATUS_SUCCEED", "TASK_STATUS_FAILED"
    ]
    reason: str
    eta: int
    progress_percent: int


class TaskResult(BaseModel):
    """A task as it stands. A cancelled one is a failed one with a reason."""

    extra: ResultExtra
    task: ResultTask
    images: list[ResultImage]
    videos: list[dict[str, str]] = Field(description="Always empty: no model here makes any.")
    audios: list[ResultAudio]


class ModelType(BaseModel):
    name: Literal["checkpoint", "upscaler"]
    display_name: str


class HubModel(BaseModel):
    """`id` is a number that never changes; `sd_name` is what requests name, the card's own id."""

    id: int
    name: str
    hash_sha256: str
    sd_name: str
    sd_name_in_api: str
    type: ModelType
    categories: list[str]
    status: Literal[0, 1]
    download_url: str
    download_url_ttl: int
    tags: list[str]
    cover_url: str
    source: str
    base_model: str
    base_model_type: Literal["Standard", "Inpainting"]
    is_sdxl: bool
    is_nsfw: bool
    visibility: Literal["public"]


class HubPagination(BaseModel):
    next_cursor: str


class HubPage(BaseModel):
    models: list[HubModel]
    pagination: HubPagination


class NovitaUser(BaseModel):
    """`credit_balance` in 1/10000 USD, rounded down."""

    credit_balance: int
    free_trial: dict[str, int]
    allow_features: list[str]


class Camel(BaseModel):
    """The account routes of the family write their fields so."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class NovitaBalance(Camel):
    """Whole 1/10000 USD as text: what you have rounded down, what is reserved rounded up."""

    available_balance: str
    cash_balance: str
    credit_limit: str
    pending_charges: str
    outstanding_invoices: str


class Quota(Camel):
    modal: Literal["llm", "image", "audio"]
    quota_object: str
    quota_type: Literal["RPM", "IPM"]
    product_type: str
    current_quota: int
    default_quota: int
    adjustable: bool
    quota_items: list[dict[str, int]]


class QuotaList(Camel):
    data: list[Quota]
    total: int
