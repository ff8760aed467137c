"""Says a tenth of a second for each character, and refuses what the model would say badly."""

import numpy as np
from torch import Tensor

MAX_GOOD_CHARS = 300


class ChatterboxTTS:
    sr = 24_000

    @classmethod
    def from_local(cls, folder, device):
        return cls()

    def generate(self, text):
        assert 0 < len(text) <= MAX_GOOD_CHARS, len(text)
        time = np.arange(len(text) * self.sr // 10) / self.sr
        return Tensor(np.sin(2 * np.pi * 220 * time)[None])
