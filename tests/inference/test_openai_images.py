"""Pictures through OpenAI's client."""

import base64
import io
import json
from typing import Any

import openai
import pytest
from PIL import Image

from tests.events import Answer
from tests.inference import samples
from tests.inference.openai_client import form, openai_of
from tests.inference.platform import Client, Platform, always
from tests.simulation.detectors import FORBIDDEN
from tests.simulation.endpoints import Work

PNG = ("picture.png", samples.picture(256, 256), "image/png")


def payload(platform: Platform) -> Any:
    return json.loads(platform.endpoints.invocations[-1].payload)


def follow(client: Client, url: str) -> Answer:
    path, _, query = url.removeprefix("http://localhost:8400").partition("?")
    pairs = dict(pair.split("=", 1) for pair in query.split("&"))
    return client.platform.send("GET", path, query=pairs)


@pytest.mark.usefixtures("all_served")
def test_pictures_come_as_links_with_their_seeds(platform: Platform, ada: Client) -> None:
    platform.model = always(
        Work(output=samples.sampled(samples.picture(512, 256), samples.picture(512, 256)))
    )
    client, door = openai_of(ada)

    answer = client.images.generate(
        model="sdxl", prompt="A red door", size="512x256", n=2, extra_body={"steps": 25}
    )

    assert answer.data is not None
    assert [image.seed for image in answer.data] == [7, 8]  # type: ignore[attr-defined]  # ours
    assert answer.size == "512x256"
    assert {follow(ada, image.url or "").status for image in answer.data} == {302}
    sent = payload(platform)
    assert (sent["width"], sent["height"], sent["n"], sent["steps"]) == (512, 256, 2, 25)
    job = ada.job(door.response.headers["x-sluice-job"])
    assert ada.spent_nanos == int(job["price"]["charged"]["nanos"]) > 0


def model_of(client: Client, door: Any) -> str:
    return str(client.job(door.response.headers["x-sluice-job"])["model"])


@pytest.mark.usefixtures("all_served")
def test_without_a_model_the_first_of_the_stage_that_does_the_task_is_meant(
    platform: Platform, ada: Client
) -> None:
    platform.model = always(Work(output=samples.sampled(PNG[1])))
    client, door = openai_of(ada)

    models = []
    client.images.generate(prompt="A red door")
    models.append(model_of(ada, door))
    client.images.edit(image=PNG, prompt="A red door")
    models.append(model_of(ada, door))
    client.images.edit(image=PNG, mask=PNG, prompt="A red door")
    models.append(model_of(ada, door))

    assert models == ["sdxl", "sdxl-img2img", "sdxl-inpaint"]


def test_without_a_model_and_without_one_here_nothing_is_held(ada: Client) -> None:
    client, _ = openai_of(ada)

    with pytest.raises(openai.InternalServerError) as caught:
        client.images.generate(prompt="A red door")

    assert (caught.value.status_code, caught.value.code) == (503, "model_not_served")
    assert ada.spent_nanos == 0


@pytest.mark.usefixtures("all_served")
def test_pictures_come_as_base64(platform: Platform, ada: Client) -> None:
    platform.model = always(Work(output=samples.sampled(PNG[1])))
    client, _ = openai_of(ada)

    answer = client.images.generate(model="sdxl", prompt="A red door", response_format="b64_json")

    assert answer.data is not None
    assert answer.output_format == "png"
    assert base64.b64decode(answer.data[0].b64_json or "") == PNG[1]
    assert answer.data[0].url is None


@pytest.mark.usefixtures("all_served")
def test_what_does_not_fit_an_answer_is_a_413_that_says_where_it_is(
    platform: Platform, ada: Client
) -> None:
    large = samples.noise(1_024, 1_024)
    platform.model = always(Work(output=samples.sampled(large, large)))

    answer = ada.send(
        "POST",
        "/openai/v1/images/generations",
        body={"model": "sdxl", "prompt": "noise", "n": 2, "response_format": "b64_json"},
    )

    assert (answer.status, answer.json["error"]["code"]) == (413, "payload_too_large")
    message = answer.json["error"]["message"]
    job = ada.job(message.partition("/v1/inference/jobs/")[2].split(" ")[0])
    assert len(job["result"]["images"]) == 2


@pytest.mark.usefixtures("all_served")
@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"size": "large"}, "size"),
        ({"size": "7x7"}, "width"),
        ({"n": 9}, "n"),
        ({"n": "2"}, "n"),
        ({"quality": "hd"}, "quality"),
        ({"output_format": "webp"}, "output_format"),
        ({"stream": True}, "stream"),
        ({"response_format": "base64"}, "response_format"),
        ({"prompt": ""}, "prompt"),
        ({"steps": 1_000}, "steps"),
    ],
)
def test_a_generation_refuses_by_name(
    platform: Platform, ada: Client, body: Any, param: str
) -> None:
    whole = {"model": "sdxl", "prompt": "A red door"} | body

    answer = ada.send("POST", "/openai/v1/images/generations", body=whole)

    assert (answer.status, answer.json["error"]["param"]) == (400, param)
    assert ada.spent_nanos == 0
    assert platform.endpoints.invocations == []


def test_a_style_is_named_by_the_prompt(platform: Platform, ada: Client) -> None:
    platform.model = always(Work(output=PNG[1]))
    client, _ = openai_of(ada)

    answer = client.images.edit(
        model="style-lite", image=PNG, prompt="mosaic", extra_body={"strength": 0.5}
    )

    sent = payload(platform)
    assert (sent["style"], sent["strength"]) == ("mosaic", 0.5)
    assert base64.b64decode(sent["image"]) == PNG[1]
    assert answer.data is not None
    assert follow(ada, answer.data[0].url or "").status == 302


def test_an_unknown_style_is_refused_as_the_prompt(platform: Platform, ada: Client) -> None:
    client, _ = openai_of(ada)

    with pytest.raises(openai.BadRequestError) as refusal:
        client.images.edit(model="style-lite", image=PNG, prompt="as a painting by somebody")

    assert refusal.value.param == "prompt"
    assert "linocut" in str(refusal.value)
    assert ada.spent_nanos == 0


@pytest.mark.usefixtures("all_served")
def test_a_transparent_mask_paints_where_it_is_transparent(platform: Platform, ada: Client) -> None:
    platform.model = always(Work(output=samples.sampled(PNG[1])))
    client, _ = openai_of(ada)
    mask = Image.new("RGBA", (256, 256), (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (0, 0, 128, 256))
    file = io.BytesIO()
    mask.save(file, "PNG")

    client.images.edit(
        model="sdxl-inpaint", image=PNG, mask=("m.png", file.getvalue()), prompt="A red door"
    )

    sent = Image.open(io.BytesIO(base64.b64decode(payload(platform)["mask"])))
    assert sent.mode == "L"
    assert (sent.getpixel((10, 10)), sent.getpixel((200, 10))) == (255, 0)


@pytest.mark.usefixtures("all_served")
@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"mask": ("m.png", samples.picture(320, 256))}, "mask_size_mismatch"),
        ({"mask": ("m.png", b"no picture at all")}, "not_an_image"),
        ({"image": ("i.png", b"no picture at all")}, "not_an_image"),
        ({"image": [PNG, PNG]}, "invalid_value"),
        ({"mask": openai.omit}, "invalid_value"),
    ],
)
def test_an_edit_refuses_what_is_no_pair_of_pictures(
    platform: Platform, ada: Client, given: Any, code: str
) -> None:
    client, _ = openai_of(ada)
    sound: dict[str, Any] = {"image": PNG, "mask": ("m.png", samples.picture(256, 256))}

    with pytest.raises(openai.BadRequestError) as refusal:
        client.images.edit(model="sdxl-inpaint", prompt="A red door", **(sound | given))

    assert refusal.value.code == code
    assert platform.endpoints.invocations == []


def test_a_mask_where_there_is_none_is_refused_by_name(ada: Client) -> None:
    client, _ = openai_of(ada)

    with pytest.raises(openai.BadRequestError) as refusal:
        client.images.edit(model="style-lite", image=PNG, mask=PNG, prompt="mosaic")

    assert refusal.value.param == "mask"


def test_a_forbidden_picture_is_blocked_before_anybody_sees_it(
    platform: Platform, ada: Client
) -> None:
    client, _ = openai_of(ada)
    forbidden = ("p.png", samples.picture(256, 256, shows=FORBIDDEN))

    with pytest.raises(openai.BadRequestError) as refusal:
        client.images.edit(model="style-lite", image=forbidden, prompt="mosaic")

    assert refusal.value.code == "content_policy_violation"
    assert platform.endpoints.invocations == []
    assert ada.spent_nanos == 0


def test_a_repeated_form_joins_the_first(platform: Platform, ada: Client) -> None:
    platform.model = always(Work(output=PNG[1]))
    client, door = openai_of(ada)
    key = {"idempotency-key": "k"}

    client.images.edit(model="style-lite", image=PNG, prompt="mosaic", extra_headers=key)
    first = door.response.headers["x-sluice-job"]
    client.images.edit(model="style-lite", image=PNG, prompt="mosaic", extra_headers=key)
    same = door.response.headers["x-sluice-job"]
    client.images.edit(
        model="style-lite",
        image=PNG,
        prompt="mosaic",
        extra_headers={"x-stainless-retry-count": "1"},
    )
    joined = door.response.headers["x-sluice-job"]

    assert first == same == joined
    assert len(platform.endpoints.invocations) == 1
    with pytest.raises(openai.BadRequestError) as refusal:
        client.images.edit(model="style-lite", image=PNG, prompt="sand", extra_headers=key)
    assert refusal.value.code == "idempotency_mismatch"


def test_a_foreign_upload_does_not_exist(ada: Client, mallory: Client) -> None:
    announced = mallory.send(
        "POST",
        "/v1/inference/uploads",
        body={"content_type": "image/png", "size_bytes": 9, "sha256": "0" * 64},
    ).json
    named = form({"model": "style-lite", "prompt": "mosaic", "image": f"upload:{announced['id']}"})

    answer = ada.send("POST", "/openai/v1/images/edits", **named)

    assert (answer.status, answer.json["error"]["code"]) == (404, "upload_not_found")
