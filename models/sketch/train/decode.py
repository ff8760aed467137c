"""Trains the decoder: from latents, exact and somewhat wrong, to pictures with clean edges.

.sluice/training/bin/python -m models.sketch.train.decode --steps 600
"""

import argparse
import sys
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from models.sketch.train.lessons import Lessons
from models.sketch.train.nets import Decoder
from models.sketch.train.places import DECODER, SHEETS

SEED: Final = 7
STEPS: Final = 600
BATCH: Final = 16
PEAK_RATE: Final = 2e-3
NOISE: Final = 0.4
"""Added to latents at most, so that the decoder forgives what the flow gets slightly wrong."""
EDGE_WEIGHT: Final = 0.6


def as_tensor(pictures: NDArray[np.uint8]) -> Tensor:
    """uint8 [n, 64, 64, 3] to float [n, 3, 64, 64] in -1..1."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div(127.5).sub(1)


def linear(lessons: Lessons) -> Decoder:
    decoder = Decoder(torch.from_numpy(lessons.basis.linear()))
    decoder.linear.bias.data.copy_(torch.from_numpy(lessons.basis.mean))
    return decoder


def load(lessons: Lessons) -> Decoder:
    """The decoder as trained so far, or its linear step alone."""
    decoder = linear(lessons)
    if DECODER.is_file():
        decoder.load_state_dict(torch.load(DECODER))
    decoder.eval()
    return decoder


def edges(x: Tensor) -> tuple[Tensor, Tensor]:
    return x[..., 1:] - x[..., :-1], x[..., 1:, :] - x[..., :-1, :]


def loss_of(drawn: Tensor, wanted: Tensor) -> Tensor:
    total = (drawn - wanted).abs().mean()
    for one, other in zip(edges(drawn), edges(wanted), strict=True):
        total = total + EDGE_WEIGHT * (one - other).abs().mean()
    return total


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=STEPS)
    steps: int = parser.parse_args().steps
    torch.manual_seed(SEED)
    random = np.random.default_rng(SEED)
    lessons = Lessons.load()
    decoder = linear(lessons)
    optimizer = torch.optim.AdamW(decoder.parameters(), PEAK_RATE, betas=(0.9, 0.98))
    for step in range(steps):
        part = step / steps
        for group in optimizer.param_groups:
            group["lr"] = PEAK_RATE * min(1, (step + 1) / 50) * max(0.01, 1 - part)
        pictures = lessons.pictures[random.integers(0, len(lessons.pictures), BATCH)]
        latent = torch.from_numpy(lessons.basis.encode(pictures))
        latent = latent + NOISE * torch.rand(BATCH, 1, 1, 1) * torch.randn_like(latent)
        loss = loss_of(decoder(latent), as_tensor(pictures))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(decoder.parameters(), 1.0)
        optimizer.step()
        if step % 25 == 0:
            print(f"step {step} of {steps}, loss {loss.item():.4f}", flush=True)
    torch.save(decoder.state_dict(), DECODER)
    compare(decoder.eval(), lessons)
    return 0


@torch.inference_mode()
def compare(decoder: Decoder, lessons: Lessons) -> None:
    """Prints the error of encoding and decoding, and draws some pictures above their copies."""
    shown = lessons.plain[:: len(lessons.plain) // 40][:40]
    wanted = lessons.pictures[shown]
    latent = torch.from_numpy(lessons.basis.encode(wanted))
    again = decoder(latent).clamp(-1, 1).add(1).mul(127.5).byte().permute(0, 2, 3, 1).numpy()
    error = np.square(again.astype(np.float32) - wanted).mean()
    print(f"PSNR {10 * np.log10(255**2 / error):.1f} dB, deviation {latent.std():.3f}")
    columns = [np.concatenate(pair) for pair in zip(wanted, again, strict=True)]
    rows = [np.concatenate(columns[at : at + 10], 1) for at in range(0, 40, 10)]
    SHEETS.mkdir(exist_ok=True)
    Image.fromarray(np.concatenate(rows)).save(SHEETS / "decoder.png")


if __name__ == "__main__":
    sys.exit(main())
