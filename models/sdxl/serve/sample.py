"""Stable Diffusion XL in the cloud: what SageMaker's stock PyTorch container calls
(`SAGEMAKER_PROGRAM`). One code for three models; `SLUICE_TASK` says which this one is."""

import base64
import json
import os
import secrets
from typing import Any

import diffusers
import torch
from PIL import Image
from toolkit import parse_object, picture, png, refusal

PIPELINES = {
    "text-to-image": "AutoPipelineForText2Image",
    "image-to-image": "AutoPipelineForImage2Image",
    "inpainting": "AutoPipelineForInpainting",
}
MULTIPLE = 8
"""The network works on blocks of so many pixels."""
MAX_PIXELS = 1_572_864
"""What a picture of any content has as a PNG of at most 5 MB, the most that can be screened."""
MAX_PICTURES, MAX_STEPS = 8, 50
SEEDS = 2**32
KARRAS = {"use_karras_sigmas": True}
SAMPLERS: dict[str, tuple[str, dict[str, bool]]] = {
    "Euler a": ("EulerAncestralDiscreteScheduler", {}),
    "Euler": ("EulerDiscreteScheduler", {}),
    "LMS": ("LMSDiscreteScheduler", {}),
    "LMS Karras": ("LMSDiscreteScheduler", KARRAS),
    "DPM++ 2M": ("DPMSolverMultistepScheduler", {}),
    "DPM++ 2M Karras": ("DPMSolverMultistepScheduler", KARRAS),
    "DPM++ SDE": ("DPMSolverSinglestepScheduler", {}),
    "DPM++ SDE Karras": ("DPMSolverSinglestepScheduler", KARRAS),
    "DDIM": ("DDIMScheduler", {}),
    "UniPC": ("UniPCMultistepScheduler", {}),
}
"""As users of Stable Diffusion name them, and diffusers' names and options for them. Those that run
the network twice in a step are left out, since a step is what is paid for."""


def model_fn(model_dir: str) -> Any:
    kind = getattr(diffusers, PIPELINES[os.environ["SLUICE_TASK"]])
    pipeline = kind.from_pretrained(
        model_dir,
        torch_dtype=torch.float16,
        variant="fp16",
        use_safetensors=True,
        local_files_only=True,
    ).to("cuda")
    pipeline.set_progress_bar_config(disable=True)
    pipeline.vae.enable_slicing()
    return pipeline


def transform_fn(
    pipeline: Any, body: bytes | bytearray, content_type: str, accept: str
) -> tuple[bytes, str]:
    """One invocation: JSON in, `{"images": [{"data": base64, "seed": int}]}` out. Pictures are made
    one after the other, so memory is bounded by one of them, and each has a seed of its own."""
    del accept  # there is one kind of answer
    asked = parse_object(body, content_type)
    count, steps = _count(asked, "n", MAX_PICTURES), _count(asked, "steps", MAX_STEPS)
    sampler = asked.get("sampler", "Euler a")
    if sampler not in SAMPLERS:
        raise refusal("invalid_input", f"sampler is one of {', '.join(SAMPLERS)}.")
    name, options = SAMPLERS[sampler]
    scheduler = getattr(diffusers, name)
    pipeline.scheduler = scheduler.from_config(pipeline.scheduler.config, **options)
    given = _arguments(asked) | {"num_inference_steps": steps}
    first = asked.get("seed", secrets.randbelow(SEEDS - count))
    made = [
        {"data": base64.b64encode(_make(pipeline, given, seed)).decode(), "seed": seed}
        for seed in range(first, first + count)
    ]
    return json.dumps({"images": made}).encode(), "application/json"


def _count(asked: dict[str, Any], name: str, most: int) -> int:
    value = asked.get(name, 1)
    if not isinstance(value, int) or not 1 <= value <= most:
        raise refusal("invalid_input", f"{name} is 1 to {most}.")
    return value


def _arguments(asked: dict[str, Any]) -> dict[str, Any]:
    """The pipeline's own names for what was asked."""
    given: dict[str, Any] = {
        "prompt": asked["prompt"],
        "negative_prompt": asked.get("negative_prompt") or None,
        "guidance_scale": float(asked.get("guidance_scale", 7)),
    }
    if "image" not in asked:
        width, height = asked["width"], asked["height"]
        if width * height > MAX_PIXELS:
            raise refusal("image_too_large", f"A picture has {MAX_PIXELS} pixels at most.")
        return given | {"width": width, "height": height}
    image = _fitted(picture(asked["image"], MAX_PIXELS).convert("RGB"))
    given |= {"image": image, "strength": _strength(asked)}
    if "mask" in asked:
        mask = _fitted(picture(asked["mask"], MAX_PIXELS).convert("L"))
        if mask.size != image.size:
            raise refusal("mask_size_mismatch", "The mask has another size than the picture.")
        given |= {"mask_image": mask, "width": image.width, "height": image.height}
    return given


def _strength(asked: dict[str, Any]) -> float:
    """At least one step's worth, since the pipelines fail at none."""
    return max(float(asked.get("strength", 0.6)), 1.0 / _count(asked, "steps", MAX_STEPS))


def _fitted(image: Image.Image) -> Image.Image:
    width, height = (side // MULTIPLE * MULTIPLE for side in image.size)
    return image.crop((0, 0, width, height))


def _make(pipeline: Any, given: dict[str, Any], seed: int) -> bytes:
    generator = torch.Generator(device=pipeline.device).manual_seed(seed)
    made: Image.Image = pipeline(**given, generator=generator).images[0]
    encoded: bytes = png(made.convert("RGB"))
    return encoded
