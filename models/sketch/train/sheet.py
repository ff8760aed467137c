"""A sheet of samples: a row for each prompt, without and with a reference."""

from itertools import pairwise
from typing import Final

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from models.sketch.train.lessons import Lessons
from models.sketch.train.nets import LATENT_CHANNELS, LATENT_SIDE, Decoder, Flow
from models.sketch.train.places import SHEETS

PROMPTS: Final = (
    *("a red apple", "yellow star", "green tree", "cat", "house", "sun", "blue heart", "car"),
    *("fish", "hibiscus", "dog", "pizza", "a blue apple", "banana", "rocket", "robot"),
)
COPIES: Final = 4
STEPS: Final = 14
GUIDANCE: Final = 3.0


@torch.inference_mode()
def sample(net: Flow, noise: Tensor, text: Tensor, reference: Tensor | None) -> Tensor:
    """Latents by Euler's method; `text` [n, 384], `reference` like the noise."""
    n = len(noise)
    shown = torch.zeros_like(noise) if reference is None else reference
    has = torch.full((2 * n,), 0.0 if reference is None else 1.0)
    said = torch.cat([torch.ones(n), torch.zeros(n)])
    x = noise
    times = torch.linspace(1, 0, STEPS + 1)
    for now, then in pairwise(times):
        both = net(
            x.repeat(2, 1, 1, 1),
            now.expand(2 * n),
            text.repeat(2, 1),
            said,
            shown.repeat(2, 1, 1, 1),
            has,
        )
        with_text, without = both.chunk(2)
        x = x + (then - now) * (without + GUIDANCE * (with_text - without))
    return x


@torch.inference_mode()
def draw(net: Flow, decoder: Decoder, lessons: Lessons, name: str) -> None:
    net.eval()
    known = {text: index for index, text in enumerate(lessons.texts)}
    asked = [prompt for prompt in PROMPTS if prompt in known]
    text = torch.from_numpy(lessons.embeddings[[known[prompt] for prompt in asked]])
    text = text.repeat_interleave(COPIES, 0)
    generator = torch.Generator().manual_seed(1)
    noise = torch.randn(len(text), LATENT_CHANNELS, LATENT_SIDE, LATENT_SIDE, generator=generator)
    pictures = [lessons.rows[lessons.rows[:, 1] == known[prompt]][0, 0] for prompt in asked]
    found = lessons.plain[lessons.family[pictures]]
    reference = torch.from_numpy(lessons.basis.encode(lessons.pictures[found])).repeat_interleave(
        COPIES, 0
    )
    bands = []
    for shown in (None, reference):
        latent = sample(net, noise, text, shown)
        drawn = decoder(latent).clamp(-1, 1).add(1).mul(127.5).byte().permute(0, 2, 3, 1).numpy()
        bands.append(drawn.reshape(len(asked), COPIES, *drawn.shape[1:]))
    rows = [
        np.concatenate(list(np.concatenate([b[i] for b in bands])), 1) for i in range(len(asked))
    ]
    rows += [np.full_like(rows[0], 255)] * (len(rows) % 2)
    half = len(rows) // 2
    columns = [np.concatenate(rows[:half]), np.concatenate(rows[half:])]
    SHEETS.mkdir(exist_ok=True)
    Image.fromarray(np.concatenate(columns, 1)).save(SHEETS / f"{name}.png")
    net.train()
