"""As much of PyTorch as the code of the containers itself touches, on numpy."""

import contextlib

import numpy as np

float16 = "float16"


class Tensor:
    def __init__(self, values):
        self.values = np.asarray(values, dtype=np.float32)

    def squeeze(self):
        return Tensor(self.values.squeeze())

    def unsqueeze(self, axis):
        return Tensor(np.expand_dims(self.values, axis))

    def sigmoid(self):
        return Tensor(1 / (1 + np.exp(-self.values)))

    def cpu(self):
        return self

    def float(self):
        return self

    def to(self, *where):
        return self

    def numpy(self):
        return self.values

    def __getitem__(self, place):
        return Tensor(self.values[place])


class Generator:
    def __init__(self, device):
        self.device = device

    def manual_seed(self, seed):
        self.seed = seed
        return self


class cuda:
    @staticmethod
    def is_available():
        return False


def no_grad():
    return contextlib.nullcontext()
