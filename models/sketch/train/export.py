"""Writes the one file of weights: the mean networks as ONNX in 8 bits, and the gallery.

.sluice/training/bin/python -m models.sketch.train.export [--to models/sketch/weights.npz]
"""

import argparse
import hashlib
import io
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from torch import nn

from models.sketch.train import decode
from models.sketch.train.lessons import Lessons
from models.sketch.train.nets import LATENT_CHANNELS, LATENT_SIDE, TEXT_DIMENSIONS, Flow
from models.sketch.train.places import EXPORT, FLOW

MIN_PACKED: Final = 4_096
"""Smaller tensors stay in 32 bits."""
FLOW_INPUTS: Final = ("latent", "time", "text", "has_text", "reference", "has_reference")
OPSET: Final = 18
CHANNELS: Final = 8


def to_onnx(net: nn.Module, arguments: tuple[torch.Tensor, ...], names: tuple[str, ...]) -> Any:
    batch = torch.export.Dim("batch", min=1, max=64)
    program = torch.onnx.export(
        net,
        arguments,
        dynamo=True,
        input_names=list(names),
        output_names=["out"],
        dynamic_shapes=tuple({0: batch} for _ in names),
        opset_version=OPSET,
        external_data=False,
    )
    out = io.BytesIO()
    if program is None:
        raise RuntimeError("the exporter gave no program")
    program.save(out)
    return onnx.load_from_string(out.getvalue())


def pack(model: Any) -> bytes:
    """The model with its big tensors in 8 bits, each output channel with a scale of its own."""
    nodes, kept = [], []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or not _is_weight(values):
            kept.append(tensor)
            continue
        axis, packed, scale = _packed(values)
        parts = [tensor.name + "_packed", tensor.name + "_scale"]
        kept += [
            numpy_helper.from_array(packed, parts[0]),
            numpy_helper.from_array(scale, parts[1]),
        ]
        nodes.append(helper.make_node("DequantizeLinear", parts, [tensor.name], axis=axis))
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    for node in reversed(nodes):
        model.graph.node.insert(0, node)
    onnx.checker.check_model(model)
    packed_model: bytes = model.SerializeToString()
    return packed_model


def _is_weight(values: NDArray[np.float32]) -> bool:
    """Of a convolution or a linear layer; what a place holds on average is no weight, and exact."""
    return values.ndim in (2, 4) and values.size >= MIN_PACKED and min(values.shape[:2]) >= CHANNELS


def _packed(values: NDArray[np.float32]) -> tuple[int, NDArray[np.int8], NDArray[np.float32]]:
    # Convolutions keep output channels first, transposed linear layers last.
    axis = 0 if values.ndim == 4 else values.ndim - 1
    others = tuple(place for place in range(values.ndim) if place != axis)
    scale = np.maximum(np.abs(values).max(others), 1e-8) / 127
    shape = [-1 if place == axis else 1 for place in range(values.ndim)]
    return axis, np.rint(values / scale.reshape(shape)).astype(np.int8), scale.astype(np.float32)


def gallery(lessons: Lessons) -> dict[str, NDArray[Any]]:
    """Plain pictures as latents in 8 bits, and the texts that training said of them."""
    latents = lessons.basis.encode(lessons.pictures[lessons.plain])
    step = np.float32(np.abs(latents).max() / 127)
    rows = lessons.gallery()
    owner, text = rows[:, 0], rows[:, 1]
    texts = lessons.embeddings[text]
    texts /= np.linalg.norm(texts, axis=1, keepdims=True)
    return {
        "latents": np.rint(latents / step).astype(np.int8),
        "latent_step": step,
        "texts": np.rint(texts * 127 / np.abs(texts).max(1, keepdims=True)).astype(np.int8),
        "owner": owner.astype(np.int32),
    }


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--to", type=Path, default=EXPORT)
    to: Path = parser.parse_args().to
    lessons = Lessons.load()
    net = Flow()
    net.load_state_dict(torch.load(FLOW)["mean"])
    # Tensors of their own: two inputs that share one would be exported as one.
    latent, reference = torch.zeros(2, 2, LATENT_CHANNELS, LATENT_SIDE, LATENT_SIDE).unbind()
    time, has_text, has_reference = torch.ones(3, 2).unbind()
    text = torch.zeros(2, TEXT_DIMENSIONS)
    example = (latent, time, text, has_text, reference, has_reference)
    example = tuple(tensor.clone() for tensor in example)
    flow = pack(to_onnx(net.eval(), example, FLOW_INPUTS))
    decoder = pack(to_onnx(decode.load(lessons), example[:1], FLOW_INPUTS[:1]))
    np.savez_compressed(
        to,
        flow=np.frombuffer(flow, np.uint8),
        decoder=np.frombuffer(decoder, np.uint8),
        mean=lessons.mean,
        deviation=lessons.deviation,
        patch_mean=lessons.basis.mean,
        components=lessons.basis.components,
        scale=lessons.basis.scale,
        **gallery(lessons),
    )
    print(f"{to} {to.stat().st_size} bytes sha256 {hashlib.sha256(to.read_bytes()).hexdigest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
