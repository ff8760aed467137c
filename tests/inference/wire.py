"""Requests byte for byte as Novita's official clients send them: Python's `novita-client` 0.7.1 and
JavaScript's `novita-sdk` 3.1.3, recorded with what a caller chose in place of `{…}`."""

from typing import Final

PYTHON_HEADERS: Final = {
    "accept": "application/json",
    "content-type": "application/json",
    "user-agent": "novita-python-sdk/0.5.0",
    "accept-encoding": "gzip, deflate",
}
JS_HEADERS: Final = {
    "accept": "application/json, text/plain, */*",
    "content-type": "application/json",
    "x-novita-source": "js-sdk-novita/3.1.2",
    "x-api-source": "js-sdk-novita/3.1.2",
}
_EXTRA: Final = (
    '{"response_image_type": "jpeg", "enable_nsfw_detection": false, "nsfw_detection_level": 0, '
    '"custom_storage": {}, "enterprise_plan": {}}'
)
_PYTHON_TXT2IMG: Final = (
    '{"extra": ' + _EXTRA + ', "request": {"model_name": "MODEL", "prompt": "a cat", '
    '"height": 512, "width": 512, "image_num": 1, "sd_vae": null, "steps": 20, '
    '"guidance_scale": 7.5, "sampler_name": "Euler a", "seed": null, "negative_prompt": null, '
    '"loras": null, "embeddings": null, "refiner": null, "hires_fix": null, "clip_skip": null}}'
)
_PYTHON_IMG2IMG: Final = (
    '{"extra": ' + _EXTRA + ', "request": {"model_name": "MODEL", "image_base64": "IMAGE", '
    '"prompt": "PROMPT", "width": 512, "height": 512, "negative_prompt": null, "sd_vae": null, '
    '"loras": null, "embeddings": null, "seed": -1, "image_num": 1, "steps": null, '
    '"clip_skip": null, "guidance_scale": 7.5, "strength": 0.5, "sampler_name": "Euler a", '
    '"extra": {}, "controlnet": null}}'
)
_PYTHON_INPAINTING: Final = (
    '{"extra": ' + _EXTRA + ', "request": {"model_name": "MODEL", "image_base64": "IMAGE", '
    '"mask_image_base64": "MASK", "prompt": "p", "image_num": 1, "steps": 20, '
    '"guidance_scale": 7.5, "seed": -1, "sampler_name": "Euler a", "negative_prompt": null, '
    '"mask_blur": null, "sd_vae": "", "loras": null, "embeddings": null, "clip_skip": null, '
    '"strength": null, "inpainting_full_res": 0, "inpainting_full_res_padding": 8, '
    '"inpainting_mask_invert": 0, "initial_noise_multiplier": 0.5}}'
)
_PYTHON_REMOVE_BACKGROUND: Final = (
    '{"image_file": "IMAGE", "extra": {"response_image_type": "jpeg", '
    '"enterprise_plan": {"enabled": false}}}'
)
_JS_TXT2IMG: Final = (
    '{"extra":{"response_image_type":"jpeg"},"request":{"model_name":"MODEL","prompt":"a cat",'
    '"width":512,"height":512,"image_num":1,"steps":20,"seed":-1,"sampler_name":"Euler a",'
    '"guidance_scale":7.5,"clip_skip":1,"negative_prompt":"","sd_vae":""}}'
)
_JS_REMOVE_BACKGROUND: Final = '{"image_file":"IMAGE","extra":{"response_image_type":"png"}}'

PYTHON_QUERY: Final = (
    ("filter.visibility", "public"),
    ("filter.type", "checkpoint"),
    ("pagination.cursor", "c_0"),
    ("filter.is_inpainting", "False"),
    ("pagination.limit", "10"),
)
PYTHON_ALL_MODELS: Final = (
    ("pagination.cursor", "c_0"),
    ("pagination.limit", "100"),
    ("filter.visibility", "public"),
)
JS_QUERY: Final = (
    ("filter[visibility]", "public"),
    ("filter[types]", "checkpoint"),
    ("filter[is_sdxl]", "false"),
    ("pagination[limit]", "100"),
    ("pagination[cursor]", "c_0"),
)


def python_txt2img(model: str) -> bytes:
    return _filled(_PYTHON_TXT2IMG, MODEL=model)


def python_img2img(model: str, image: str, prompt: str) -> bytes:
    return _filled(_PYTHON_IMG2IMG, MODEL=model, IMAGE=image, PROMPT=prompt)


def python_inpainting(model: str, image: str, mask: str) -> bytes:
    return _filled(_PYTHON_INPAINTING, MODEL=model, IMAGE=image, MASK=mask)


def python_remove_background(image: str) -> bytes:
    return _filled(_PYTHON_REMOVE_BACKGROUND, IMAGE=image)


def js_txt2img(model: str) -> bytes:
    return _filled(_JS_TXT2IMG, MODEL=model)


def js_remove_background(image: str) -> bytes:
    return _filled(_JS_REMOVE_BACKGROUND, IMAGE=image)


def _filled(template: str, **chosen: str) -> bytes:
    for name, value in chosen.items():
        template = template.replace(f'"{name}"', f'"{value}"')
    return template.encode()
