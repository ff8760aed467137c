import numpy as np
from PIL import Image
from torch import Tensor


class Compose:
    def __init__(self, steps):
        self.steps = steps

    def __call__(self, value):
        for step in self.steps:
            value = step(value)
        return value


class Resize:
    def __init__(self, size):
        self.size = size

    def __call__(self, image):
        return image.resize(self.size)


class ToTensor:
    def __call__(self, image):
        return Tensor(np.asarray(image, dtype=np.float32).transpose(2, 0, 1) / 255)


class Normalize:
    def __init__(self, means, deviations):
        self.means, self.deviations = np.array(means), np.array(deviations)

    def __call__(self, tensor):
        shape = (-1, 1, 1)
        return Tensor((tensor.values - self.means.reshape(shape)) / self.deviations.reshape(shape))


class ToPILImage:
    def __call__(self, tensor):
        return Image.fromarray((tensor.values * 255).astype(np.uint8))
