"""The Muon optimizer (Jordan et al., 2024): momentum whose matrices are made nearly orthogonal.

It needs about half the steps of Adam for matrices, which pays where a step is dear. Convolutions
are taken as matrices of output channels by everything else.
"""

from collections.abc import Iterable
from typing import Any, Final

import torch
from torch import Tensor

MOMENTUM: Final = 0.95
ROUNDS: Final = 5
COEFFICIENTS: Final = (3.4445, -4.7750, 2.0315)
"""Of the quintic that pulls singular values to one, from the method's authors."""
DECAY: Final = 0.01


def orthogonal(matrix: Tensor) -> Tensor:
    """The nearest orthogonal matrix, roughly, by a Newton–Schulz iteration; [rows, columns]."""
    a, b, c = COEFFICIENTS
    x = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
    x = (x / (x.norm() + 1e-7)).bfloat16()
    for _ in range(ROUNDS):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    x = x.to(matrix.dtype)
    return x.T if matrix.shape[0] > matrix.shape[1] else x


class Muon(torch.optim.Optimizer):
    def __init__(self, parameters: Iterable[Tensor], lr: float) -> None:
        super().__init__(parameters, {"lr": lr})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        for group in self.param_groups:
            for parameter in group["params"]:
                state = self.state[parameter]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(parameter)
                momentum: Tensor = state["momentum"]
                momentum.lerp_(parameter.grad, 1 - MOMENTUM)
                ahead = parameter.grad.lerp(momentum, MOMENTUM)
                update = orthogonal(ahead.flatten(1))
                size = max(1, update.shape[0] / update.shape[1]) ** 0.5
                parameter.mul_(1 - group["lr"] * DECAY)
                parameter.add_(update.view_as(parameter), alpha=-group["lr"] * size)
