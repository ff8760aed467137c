"""Trains the flow: seeded, resumable, with a checkpoint and a sheet of samples every 5 minutes.

    .sluice/training/bin/python -m models.sketch.train.flow --steps 5000

Steps are counted and not minutes, so that a slow or busy machine learns the same. A run that was
ended goes on from its checkpoint; --anew forgets it.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from models.sketch.train import decode, sheet
from models.sketch.train.lessons import Batch, Lessons
from models.sketch.train.muon import Muon
from models.sketch.train.nets import Flow
from models.sketch.train.places import FLOW

SEED: Final = 11
BATCH: Final = 32
MATRIX_RATE: Final = 0.02
OTHER_RATE: Final = 1.5e-3
WARM_STEPS: Final = 30
EVERY_S: Final = 300
EMA: Final = 0.998
STEPS: Final = 5_000
COOL_FROM: Final = 0.4
"""The share of the steps after which the rate falls, in a straight line."""


class Run:
    """The state of a training run, as its checkpoint keeps it."""

    def __init__(self, priors: tuple[Tensor, Tensor]) -> None:
        torch.manual_seed(SEED)
        self.net = Flow()
        self.net.average.copy_(priors[0])
        self.net.spread.copy_(priors[1])
        self.mean = Flow()
        self.mean.load_state_dict(self.net.state_dict())
        matrices = [p for p in self.net.parameters() if p.ndim == 4 and min(p.shape[:2]) >= 32]
        apart = {id(p) for p in matrices}
        others = [p for p in self.net.parameters() if id(p) not in apart]
        self.muon = Muon(matrices, MATRIX_RATE)
        self.adam = torch.optim.AdamW(others, OTHER_RATE, betas=(0.9, 0.97), weight_decay=0.01)
        self.step = 0
        self.spent_s = 0.0

    def state(self) -> dict[str, Any]:
        return {
            "net": self.net.state_dict(),
            "mean": self.mean.state_dict(),
            "muon": self.muon.state_dict(),
            "adam": self.adam.state_dict(),
            "step": self.step,
            "spent_s": self.spent_s,
        }

    def load(self, path: Path) -> None:
        state = torch.load(path)
        self.net.load_state_dict(state["net"])
        self.mean.load_state_dict(state["mean"])
        self.muon.load_state_dict(state["muon"])
        self.adam.load_state_dict(state["adam"])
        self.step, self.spent_s = state["step"], state["spent_s"]

    def learn(self, batch: Batch, part: float) -> float:
        share = min(1, (self.step + 1) / WARM_STEPS) * min(1, (1 - part) / (1 - COOL_FROM))
        for group in self.muon.param_groups:
            group["lr"] = MATRIX_RATE * share
        for group in self.adam.param_groups:
            group["lr"] = OTHER_RATE * share
        loss = loss_of(self.net, batch)
        self.muon.zero_grad(set_to_none=True)
        self.adam.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.muon.step()
        self.adam.step()
        self.step += 1
        keep = min(EMA, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for mean, now in zip(self.mean.parameters(), self.net.parameters(), strict=True):
                mean.lerp_(now, 1 - keep)
        return float(loss.item())


def loss_of(net: Flow, batch: Batch) -> Tensor:
    """Rectified flow: the velocity of the straight line from latent to noise, squared error."""
    # Times in the middle are drawn more often; the ends are easy.
    time_ = torch.sigmoid(torch.randn(len(batch.latent)))
    noise = torch.randn_like(batch.latent)
    at = time_[:, None, None, None]
    between = (1 - at) * batch.latent + at * noise
    given = (time_, batch.text, batch.has_text, batch.reference, batch.has_reference)
    # In 16 bits, where a processor has them, a step takes three quarters of the time.
    with torch.autocast("cpu", torch.bfloat16):
        velocity = net(between, *given)
    return (velocity.float() - (noise - batch.latent)).square().mean()


def save(run: Run) -> None:
    beside = FLOW.with_suffix(".new")
    torch.save(run.state(), beside)
    beside.replace(FLOW)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--anew", action="store_true")
    options = parser.parse_args()
    # Two threads wait for each other at every layer, on a busy machine longer than they work.
    torch.set_num_threads(1)
    lessons = Lessons.load()
    run = Run(lessons.priors())
    if FLOW.is_file() and not options.anew:
        run.load(FLOW)
    random = np.random.default_rng(SEED + run.step)
    torch.manual_seed(SEED + run.step)
    told, losses, begun = run.spent_s, [], time.monotonic() - run.spent_s
    while run.step < options.steps:
        losses.append(run.learn(lessons.batch(BATCH, random), run.step / options.steps))
        run.spent_s = time.monotonic() - begun
        if run.step % 20 == 0:
            print(
                f"{run.spent_s / 60:.1f} min, {time.process_time() / 60:.1f} of processor, "
                f"step {run.step} of {options.steps}, loss {np.mean(losses[-100:]):.4f}",
                flush=True,
            )
        if run.spent_s - told > EVERY_S:
            told = run.spent_s
            save(run)
            sheet.draw(run.mean, decode.load(lessons), lessons, f"flow-{run.step:05d}")
    save(run)
    sheet.draw(run.mean, decode.load(lessons), lessons, "flow-last")
    return 0


if __name__ == "__main__":
    sys.exit(main())
