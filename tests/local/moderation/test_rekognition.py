"""DetectModerationLabels over a real classifier, in the shapes that boto3 reads."""

import io
from typing import Any

import pytest
from botocore.exceptions import ClientError
from PIL import Image, ImageDraw

from tests.local.conftest import client
from tests.local.moderation.conftest import BUCKET, Double

pytestmark = pytest.mark.xdist_group("moderation")


def an_apple(image_format: str = "PNG", size: tuple[int, int] = (256, 256)) -> bytes:
    picture = Image.new("RGB", size, "#e8f0e0")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((64, 80, 192, 208), fill="#c02020")
    draw.line((128, 84, 140, 48), fill="#604020", width=8)
    out = io.BytesIO()
    picture.save(out, image_format)
    return out.getvalue()


@pytest.mark.parametrize("image_format", ["PNG", "JPEG"])
def test_a_harmless_picture_has_no_labels(double: Double, image_format: str) -> None:
    answer = double.detect({"Bytes": an_apple(image_format)})

    assert answer["ModerationLabels"] == []
    assert answer["ModerationModelVersion"] == "7.0"


def test_a_picture_in_the_bucket_is_read(double: Double) -> None:
    s3 = client("s3", double.emulator)
    s3.put_object(Bucket=BUCKET, Key="results/apple.png", Body=an_apple())

    answer = double.detect({"S3Object": {"Bucket": BUCKET, "Name": "results/apple.png"}})

    assert answer["ModerationLabels"] == []


def test_labels_carry_their_parents_and_levels(double: Double) -> None:
    answer = double.detect({"Bytes": an_apple()}, MinConfidence=0.0)

    top, nudity = answer["ModerationLabels"]
    assert (top["Name"], top["ParentName"], top["TaxonomyLevel"]) == ("Explicit", "", 1)
    assert (nudity["Name"], nudity["ParentName"], nudity["TaxonomyLevel"]) == (
        "Explicit Nudity",
        "Explicit",
        2,
    )
    assert 0 <= top["Confidence"] < 50


@pytest.mark.parametrize(
    ("image", "code"),
    [
        ({"Bytes": b"no picture"}, "InvalidImageFormatException"),
        ({"Bytes": b"x" * 5_242_881}, "ImageTooLargeException"),
        ({"Bytes": an_apple(size=(40, 40))}, "InvalidParameterException"),
        ({}, "InvalidParameterException"),
        ({"S3Object": {"Bucket": BUCKET, "Name": "missing"}}, "InvalidS3ObjectException"),
    ],
    ids=["format", "size", "dimensions", "nothing", "missing"],
)
def test_what_rekognition_refuses(double: Double, image: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as refused:
        double.detect(image)

    assert refused.value.response["Error"]["Code"] == code
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_it_throttles_on_demand(double: Double) -> None:
    double.fault(kind="throttle", target="DetectModerationLabels")

    with pytest.raises(ClientError) as failed:
        double.detect({"Bytes": an_apple()})

    assert failed.value.response["Error"]["Code"] == "ThrottlingException"
