"""A network that finds the brighter half of a picture."""

from types import SimpleNamespace

from torch import Tensor


class AutoModelForImageSegmentation:
    @classmethod
    def from_pretrained(cls, folder, **options):
        return cls()

    def to(self, device):
        return self

    def eval(self):
        return self

    def parameters(self):
        return iter([SimpleNamespace(device="cpu", dtype="float32")])

    def __call__(self, given):
        brightness = given.values.mean(axis=1, keepdims=True)
        return [Tensor(brightness * 0), Tensor(brightness * 20)]
