"""Novita's own Python client, in an environment of its own, told nothing but where to go and who
asks. Prints what it understood, as JSON.

    python drive.py URL KEY PICTURE
"""

import base64
import io
import json
import sys
from typing import Any

from novita_client import NovitaClient
from PIL import Image


def main(url: str, key: str, picture: str) -> dict[str, Any]:
    client = NovitaClient(key, url)
    progress: list[str] = []
    done = client.img2img_v3(
        model_name="style-lite",
        input_image=picture,
        prompt="mosaic",
        image_num=1,
        height=256,
        width=256,
        enable_nsfw_detection=True,
        callback=lambda seen: progress.append(seen.task.status.value),
    )
    image = Image.open(io.BytesIO(base64.b64decode(done.images_encoded[0])))
    found = done.images[0].nsfw_detection_result
    return {
        "status": done.task.status.value,
        "type": done.task.task_type,
        "progress": progress,
        "image": [image.format, *image.size],
        "nsfw": [found.valid, found.confidence],
        "models": {model.sd_name: model.status.value for model in client.models_v3()},
        "filtered": [model.sd_name for model in client.query_model_v3(types="upscaler").models],
        "credit": client.user_info().credit_balance,
        "unserved": _refusal(lambda: client.txt2img_v3("sdxl", "a cat", 1)),
        "background": _refusal(lambda: client.remove_background(picture)),
        "stranger": _refusal(lambda: NovitaClient("sk_nobody", url).user_info()),
    }


def _refusal(ask: Any) -> str:
    from novita_client.exceptions import NovitaResponseError

    try:
        ask()
    except NovitaResponseError as error:
        return str(error)
    return "no refusal"


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
