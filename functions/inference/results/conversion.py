"""Pictures in another format than the model's: made when somebody first asks for one, from what
moderation let through, and kept beside it, so that a deletion reaches them too."""

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Literal

from functions.inference import files
from functions.inference.jobs import store
from functions.inference.jobs.job import Job, ResultFile
from sluice.errors import Gone

if TYPE_CHECKING:
    from PIL.Image import Image

type Format = Literal["png", "jpeg", "webp"]

CONTENT_TYPES: Final[Mapping[str, str]] = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
}
MAX_PIXELS: Final = 4_500_000
"""What a handler converts within its memory and a few seconds: a little over 2048 × 2048."""
WITHOUT_ALPHA: Final = "jpeg"
_FORMATS = {content_type: name for name, content_type in CONTENT_TYPES.items()}


def format_of(file: ResultFile) -> str:
    """`png`, `jpeg` or `webp`, as the model made it."""
    return _FORMATS.get(file.content_type, "png")


def is_possible(file: ResultFile, wanted: str) -> bool:
    pixels = (file.width or 0) * (file.height or 0)
    return wanted == format_of(file) or 0 < pixels <= MAX_PIXELS


def name_as(file: ResultFile, wanted: str) -> str:
    """The name under which the picture is to be had in this format."""
    if wanted == format_of(file):
        return file.name
    return f"{_stem(file.name)}.{wanted}"


def find_source(job: Job, name: str) -> ResultFile | None:
    """The picture that `name` is a conversion of, if it is one."""
    stem, wanted = _stem(name), name.rpartition(".")[2]
    if wanted not in CONTENT_TYPES:
        return None
    same = (file for file in job.files if file.is_picture and _stem(file.name) == stem)
    return next((file for file in same if is_possible(file, wanted)), None)


def provide(job: Job, source: ResultFile, name: str) -> None:
    """See that the conversion is there. Raises Gone when the job was deleted meanwhile."""
    key = files.result_key(job.id, name)
    if files.exists(key):
        return
    original = files.find(files.result_key(job.id, source.name))
    if original is None:
        raise Gone("This result was deleted.", code="result_expired")
    wanted = name.rpartition(".")[2]
    files.put(key, convert(original, wanted), CONTENT_TYPES[wanted])
    now = store.find_job(job.id)
    if now is None or now.deleted:
        files.delete([key])
        raise Gone("This result was deleted.", code="result_expired")


def convert(content: bytes, wanted: str) -> bytes:
    """The picture as PNG, JPEG or WebP. JPEG knows no transparency: white is put behind."""
    from PIL import Image

    with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as opened:
        image: Image.Image = _on_white(opened) if wanted == WITHOUT_ALPHA else opened
        made = io.BytesIO()
        image.save(made, wanted.upper())
    return made.getvalue()


def _on_white(image: "Image") -> "Image":
    from PIL import Image

    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    ground = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(ground, layer).convert("RGB")


def _stem(name: str) -> str:
    return name.rpartition(".")[0]
