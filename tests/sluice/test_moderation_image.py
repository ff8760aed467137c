"""Screening of pictures by Rekognition, in its answers' real shapes."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.stub import Stubber

from sluice import aws as clients
from sluice.errors import ScreeningUnavailable, Unscreenable
from sluice.moderation import S3Image, Source, screen_image
from sluice.moderation.screen import MAX_INLINE_IMAGE_BYTES
from sluice.moderation.verdict import of_item
from tests.stage import Stage

PICTURE = b"\x89PNG\r\n\x1a\n"


def label(name: str, percent: float, parent: str = "", level: int = 1) -> dict[str, Any]:
    return {"Name": name, "Confidence": percent, "ParentName": parent, "TaxonomyLevel": level}


def answer(*labels: dict[str, Any]) -> dict[str, Any]:
    return {
        "ModerationLabels": list(labels),
        "ModerationModelVersion": "7.0",
        "ContentTypes": [{"Confidence": 99.0, "Name": "Photograph"}],
    }


@pytest.fixture
def detectors(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings alone: nothing here needs a stage."""
    for name in ("GUARDRAIL_ID", "GUARDRAIL_VERSION"):
        monkeypatch.setenv(name, Stage().environment()[name])


@pytest.fixture
def rekognition(detectors: None) -> Iterator[Stubber]:
    with Stubber(clients.client("rekognition")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_a_harmless_picture_is_allowed_and_says_what_nobody_looked_for(
    rekognition: Stubber,
) -> None:
    rekognition.add_response(
        "detect_moderation_labels",
        answer(),
        {"Image": {"Bytes": PICTURE}, "MinConfidence": 60},
    )

    verdict = screen_image(PICTURE, Source.INPUT)

    assert verdict.action == "allow"
    assert verdict.detector == "rekognition:7.0"
    assert {"minors", "political", "intellectual_property"} <= set(verdict.unscreened)


def test_a_picture_in_s3_is_named_not_sent(rekognition: Stubber) -> None:
    rekognition.add_response(
        "detect_moderation_labels",
        answer(),
        {"Image": {"S3Object": {"Bucket": "files", "Name": "raw/k"}}, "MinConfidence": 60},
    )

    assert screen_image(S3Image("files", "raw/k"), Source.OUTPUT).action == "allow"


def test_a_label_and_its_parents_are_one_finding(rekognition: Stubber) -> None:
    rekognition.add_response(
        "detect_moderation_labels",
        answer(
            label("Explicit", 97.3),
            label("Explicit Nudity", 97.3, "Explicit", 2),
            label("Exposed Buttocks or Anus", 97.31, "Explicit Nudity", 3),
        ),
    )

    verdict = screen_image(PICTURE, Source.OUTPUT)

    assert [(f.category, f.action, f.score) for f in verdict.findings] == [
        ("pornography", "block", "97.30")
    ]


def test_what_is_uncertain_is_flagged(rekognition: Stubber) -> None:
    rekognition.add_response("detect_moderation_labels", answer(label("Explicit", 65.0)))

    assert screen_image(PICTURE, Source.INPUT).action == "flag"


def test_a_weapon_alone_is_flagged_but_gore_is_blocked(rekognition: Stubber) -> None:
    weapon = [label("Violence", 99.0), label("Weapons", 99.0, "Violence", 2)]
    gore = [*weapon, label("Graphic Violence", 91.0, "Violence", 2)]
    rekognition.add_response("detect_moderation_labels", answer(*weapon))
    rekognition.add_response("detect_moderation_labels", answer(*gore))

    assert screen_image(PICTURE, Source.INPUT).action == "flag"
    assert screen_image(PICTURE, Source.INPUT).action == "block"


def test_what_the_terms_permit_is_allowed(rekognition: Stubber) -> None:
    rekognition.add_response(
        "detect_moderation_labels",
        answer(label("Alcohol", 99.0), label("Drinking", 99.0, "Alcohol Use", 3)),
    )

    assert screen_image(PICTURE, Source.INPUT).action == "allow"


def test_a_new_label_is_read_as_its_parent(rekognition: Stubber) -> None:
    rekognition.add_response(
        "detect_moderation_labels", answer(label("Some New Symbol", 95.0, "Hate Symbols", 2))
    )

    verdict = screen_image(PICTURE, Source.INPUT)

    assert verdict.findings[0].category == "discrimination"


BAD: dict[str, dict[str, Any]] = {
    "nothing": {},
    "no model version": {"ModerationLabels": []},
    "no labels": {"ModerationModelVersion": "7.0"},
    "a label without a name": answer({"Confidence": 99.0}),
    "a label of an unknown kind": answer(label("Loud Music", 99.0)),
}


@pytest.mark.parametrize("given", BAD.values(), ids=BAD)
def test_an_answer_that_cannot_be_relied_on_is_never_an_allow(
    rekognition: Stubber, given: dict[str, Any]
) -> None:
    rekognition.add_response("detect_moderation_labels", given)

    with pytest.raises(ScreeningUnavailable):
        screen_image(PICTURE, Source.INPUT)


@pytest.mark.parametrize(
    "code",
    [
        "ThrottlingException",
        "ProvisionedThroughputExceededException",
        "InternalServerError",
        "AccessDeniedException",
        "InvalidS3ObjectException",
    ],
)
def test_a_refusal_is_never_an_allow(rekognition: Stubber, code: str) -> None:
    rekognition.add_client_error("detect_moderation_labels", code)

    with pytest.raises(ScreeningUnavailable):
        screen_image(S3Image("files", "raw/k"), Source.OUTPUT)


def test_a_picture_the_detector_cannot_read_is_the_callers_fault(rekognition: Stubber) -> None:
    rekognition.add_client_error("detect_moderation_labels", "InvalidImageFormatException")

    with pytest.raises(Unscreenable) as refusal:
        screen_image(PICTURE, Source.INPUT)

    assert (refusal.value.status, refusal.value.code) == (422, "unscreenable")


def test_an_output_the_detector_cannot_read_is_not_the_callers_fault(
    rekognition: Stubber,
) -> None:
    rekognition.add_client_error("detect_moderation_labels", "InvalidImageFormatException")

    with pytest.raises(ScreeningUnavailable) as refusal:
        screen_image(PICTURE, Source.OUTPUT)

    assert refusal.value.status == 503


def test_a_large_picture_must_be_named(detectors: None) -> None:
    with pytest.raises(ValueError, match="S3Image"):
        screen_image(bytes(MAX_INLINE_IMAGE_BYTES + 1), Source.INPUT)


def test_a_verdict_survives_its_item(rekognition: Stubber) -> None:
    rekognition.add_response("detect_moderation_labels", answer(label("Hate Symbols", 88.0)))

    verdict = screen_image(PICTURE, Source.INPUT)

    assert of_item(verdict.as_item()) == verdict
