"""SPAN ×4 (ClearReality weights) on ncnn: the network, its tiles and its pictures.

Big pictures go through in overlapping tiles, so memory is bounded by a tile and not by the
picture. The overlap is wider than the network sees, so seams do not show. Transparency is
scaled plainly beside the colours, because the network was trained on opaque photographs.
"""

import base64
import binascii
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ncnn
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

SCALE = 4
TILE_PIXELS = 128
OVERLAP_PIXELS = 16
THREADS = 1  # for the reason in models/frame.py; a container runs two workers instead
MAX_PIXELS = 262_144
MAX_SIDE_PIXELS = 2048
MAX_IMAGE_BYTES = 8_000_000
FORMATS = ("PNG", "JPEG")
PARAMETERS, WEIGHTS = "ClearReality4x.param", "ClearReality4x.bin"


class InvalidInputError(Exception):
    """The client's fault: answered with 400; `code` is for machines."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Tile:
    """A span of one axis: what is read, and which part of that is kept."""

    start: int
    stop: int
    keep_start: int
    keep_stop: int


def tiles(length: int) -> Iterator[Tile]:
    """Cover `length` pixels of one axis; kept parts touch and never overlap."""
    for keep_start in range(0, length, TILE_PIXELS):
        keep_stop = min(keep_start + TILE_PIXELS, length)
        start = max(keep_start - OVERLAP_PIXELS, 0)
        yield Tile(start, min(keep_stop + OVERLAP_PIXELS, length), keep_start, keep_stop)


def image_bytes(body: bytes) -> bytes:
    """The picture's bytes out of the request `{"image": base64, "scale": 4}`."""
    try:
        request = json.loads(body)
    except ValueError as error:
        raise InvalidInputError("invalid_json", "The body is not JSON.") from error
    if not isinstance(request, dict) or not isinstance(request.get("image"), str):
        raise InvalidInputError(
            "invalid_input", "The body is an object whose image is base64 text."
        )
    if request.get("scale", SCALE) != SCALE:
        raise InvalidInputError("invalid_input", f"scale is {SCALE} here.")
    try:
        return base64.b64decode(request["image"], validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInputError("invalid_image", "image is not base64.") from error


def open_image(data: bytes) -> Image.Image:
    """A PNG or JPEG within the limits, upright, in RGB or RGBA; else `InvalidInputError`."""
    if len(data) > MAX_IMAGE_BYTES:
        raise InvalidInputError("image_too_large", f"The picture is over {MAX_IMAGE_BYTES} bytes.")
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        _check_size(*image.size)
        upright = ImageOps.exif_transpose(image)
        transparent = upright.has_transparency_data
        return upright.convert("RGBA" if transparent else "RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError) as error:
        raise InvalidInputError(
            "invalid_image", "The picture is no readable PNG or JPEG."
        ) from error


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE_PIXELS:
        raise InvalidInputError(
            "image_too_large",
            f"The picture is {width} × {height}; at most {MAX_PIXELS} pixels and "
            f"{MAX_SIDE_PIXELS} on a side are taken.",
        )


class Span:
    """The loaded network."""

    def __init__(self, folder: Path) -> None:
        self.net = ncnn.Net()
        self.net.opt.use_vulkan_compute = False
        self.net.opt.num_threads = THREADS
        if self.net.load_param(str(folder / PARAMETERS)) or self.net.load_model(
            str(folder / WEIGHTS)
        ):
            raise RuntimeError(f"the weights in {folder} cannot be loaded")

    def upscale(self, image: Image.Image) -> Image.Image:
        """The picture four times as wide and high, RGB or RGBA as it came."""
        pixels = np.asarray(image.convert("RGB"))
        height, width = pixels.shape[:2]
        result = np.empty((height * SCALE, width * SCALE, 3), dtype=np.uint8)
        for row in tiles(height):
            for column in tiles(width):
                self._upscale_tile(pixels, result, row, column)
        scaled = Image.fromarray(result)
        if image.mode == "RGBA":
            alpha = image.getchannel("A").resize(scaled.size, Image.Resampling.BICUBIC)
            scaled.putalpha(alpha)
        return scaled

    def _upscale_tile(self, pixels: Any, result: Any, row: Tile, column: Tile) -> None:
        tile = pixels[row.start : row.stop, column.start : column.stop]
        planes = np.ascontiguousarray(tile.transpose(2, 0, 1), dtype=np.float32) / 255
        made = self._run(planes).transpose(1, 2, 0)
        top, left = (row.keep_start - row.start) * SCALE, (column.keep_start - column.start) * SCALE
        high, wide = ((axis.keep_stop - axis.keep_start) * SCALE for axis in (row, column))
        kept = made[top : top + high, left : left + wide]
        y, x = row.keep_start * SCALE, column.keep_start * SCALE
        result[y : y + high, x : x + wide] = np.clip(kept * 255 + 0.5, 0, 255)

    def _run(self, planes: Any) -> Any:
        extractor = self.net.create_extractor()
        extractor.input("data", ncnn.Mat(planes))
        failed, output = extractor.extract("output")
        if failed:
            raise RuntimeError(f"the network failed with {failed}")
        return np.array(output)


def answer(network: Span, body: bytes) -> bytes:
    """A request to its answer, a PNG; `InvalidInputError` when the client is at fault."""
    return png(network.upscale(open_image(image_bytes(body))))


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=4)
    return out.getvalue()
