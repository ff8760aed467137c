"""What the code in SageMaker's stock PyTorch containers has in common: requests in, refusals out.

It lies beside the code of the container that needs it.
"""

import base64
import io
import json
from typing import Any

from PIL import Image
from sagemaker_inference.errors import BaseInferenceToolkitError

FORMATS = ("PNG", "JPEG")
BAD_REQUEST, WRONG_TYPE = 400, 415


def refusal(code: str, message: str) -> BaseInferenceToolkitError:
    """To be raised: the client's fault, answered with 400 and the contract's JSON; `code` is for
    machines."""
    error = json.dumps({"error": {"message": message, "code": code}})
    return BaseInferenceToolkitError(BAD_REQUEST, message, error)


def parse_object(body: bytes | bytearray, content_type: str) -> dict[str, Any]:
    if content_type.partition(";")[0].strip() != "application/json":
        raise BaseInferenceToolkitError(
            WRONG_TYPE, "application/json is taken.", "Unsupported Media Type"
        )
    try:
        value = json.loads(bytes(body))
    except ValueError as error:
        raise refusal("invalid_json", "The body is not JSON.") from error
    if not isinstance(value, dict):
        raise refusal("invalid_json", "The body is not a JSON object.")
    return value


def picture(encoded: Any, max_pixels: int) -> Image.Image:
    """A PNG or JPEG in base64, decoded."""
    try:
        data = base64.b64decode(encoded, validate=True)
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        if image.width * image.height > max_pixels:
            raise refusal("image_too_large", f"A picture has {max_pixels} pixels at most.")
        image.load()
    except (Image.DecompressionBombError, OSError, SyntaxError, TypeError, ValueError) as error:
        raise refusal("invalid_image", "The picture is no PNG or JPEG in base64.") from error
    return image


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=4)
    return out.getvalue()
