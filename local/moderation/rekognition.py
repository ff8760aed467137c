"""DetectModerationLabels: the request checked, labels of moderation model 7's taxonomy.

The classifier knows one thing, so there is one branch: Explicit, and Explicit Nudity below it.
"""

import base64
import binascii
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.doubles.errors import AwsError
from local.moderation.images import ImageClassifier, ImageSizeError, UnreadableImageError

MODEL_VERSION = "7.0"
DEFAULT_MIN_PERCENT = 50.0
MAX_PERCENT = 100
MAX_INLINE_BYTES = 5_242_880
MAX_OBJECT_BYTES = 15_728_640

type Reader = Callable[[str, str, int], bytes]


def invalid(message: str) -> AwsError:
    return AwsError(400, "InvalidParameterException", message)


def detect(body: dict[str, Any], read_object: Reader, pictures: ImageClassifier) -> dict[str, Any]:
    """The whole answer to one call; `AwsError` with Rekognition's own codes."""
    least = body.get("MinConfidence", DEFAULT_MIN_PERCENT)
    if not isinstance(least, int | float) or not 0 <= least <= MAX_PERCENT:
        raise invalid("MinConfidence must be between 0 and 100.")
    data = _image(body.get("Image"), read_object)
    try:
        percent = 100 * pictures.explicit(data)
    except UnreadableImageError as error:
        raise AwsError(
            400, "InvalidImageFormatException", "Request has invalid image format"
        ) from error
    except ImageSizeError as error:
        raise invalid(f"Image dimensions are not supported: {error}") from error
    labels = [_label("Explicit", "", 1, percent), _label("Explicit Nudity", "Explicit", 2, percent)]
    return {
        "ModerationLabels": [label for label in labels if label["Confidence"] >= least],
        "ModerationModelVersion": MODEL_VERSION,
        "ContentTypes": [],
    }


def _label(name: str, parent: str, level: int, percent: float) -> dict[str, Any]:
    return {"Name": name, "ParentName": parent, "TaxonomyLevel": level, "Confidence": percent}


def _image(image: object, read_object: Reader) -> bytes:
    match image:
        case {"Bytes": str(data), **rest} if not rest:
            return _inline(data)
        case {"S3Object": {"Bucket": str(bucket), "Name": str(name)}, **rest} if not rest:
            return _stored(bucket, name, read_object)
    raise invalid("Image must have either Bytes or S3Object.")


def _inline(data: str) -> bytes:
    try:
        image = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise AwsError(400, "SerializationException", "Bytes is not base64.") from error
    if not image:
        raise invalid("Image bytes are empty.")
    if len(image) > MAX_INLINE_BYTES:
        raise _too_large(len(image), MAX_INLINE_BYTES)
    return image


def _stored(bucket: str, name: str, read_object: Reader) -> bytes:
    try:
        image = read_object(bucket, name, MAX_OBJECT_BYTES + 1)
    except (ClientError, BotoCoreError) as error:
        raise AwsError(
            400,
            "InvalidS3ObjectException",
            "Unable to get object metadata from S3. Check object key, region and/or access "
            "permissions.",
        ) from error
    if len(image) > MAX_OBJECT_BYTES:
        raise _too_large(len(image), MAX_OBJECT_BYTES)
    return image


def _too_large(size_bytes: int, limit_bytes: int) -> AwsError:
    return AwsError(
        400, "ImageTooLargeException", f"Image size {size_bytes} is over {limit_bytes} bytes."
    )
