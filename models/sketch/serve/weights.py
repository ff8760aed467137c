"""The one file of weights: networks as ONNX, the basis of latents, and the captioned pictures."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import onnxruntime
from numpy.typing import NDArray

WEIGHTS: Final = Path(__file__).resolve().parents[1] / "weights.npz"
MAX_BYTES: Final = 20_000_000

type Floats = NDArray[np.float32]


def digest(path: Path = WEIGHTS) -> str:
    """The file's SHA-256, which the card names."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@dataclass(frozen=True, slots=True)
class Gallery:
    """The pictures that training saw, as latents, with what was said of them.

    Several texts may name one picture: `owner` [texts] says which, `texts` [texts, 384] are
    standardised embeddings of unit length, `latents` [pictures, 12, 16, 16]. `middles` [pictures,
    384] are the means of each picture's texts, of unit length.
    """

    latents: Floats
    texts: Floats
    owner: NDArray[np.int32]
    middles: Floats

    @classmethod
    def of(cls, latents: Floats, texts: Floats, owner: NDArray[np.int32]) -> Self:
        texts = texts / np.linalg.norm(texts, axis=1, keepdims=True)
        middles = np.zeros((len(latents), texts.shape[1]), np.float32)
        np.add.at(middles, owner, texts)
        middles /= np.linalg.norm(middles, axis=1, keepdims=True) + 1e-6
        return cls(latents, texts, owner, middles)


@dataclass(frozen=True, slots=True)
class Weights:
    flow: Any
    """onnxruntime session: latent, time, text, has_text, reference, has_reference -> velocity"""
    decoder: Any
    mean: Floats
    deviation: Floats
    """[384] each, of the texts' embeddings in training"""
    patch_mean: Floats
    components: Floats
    scale: Floats
    gallery: Gallery

    @classmethod
    def load(cls, path: Path = WEIGHTS, threads: int = 1) -> Self:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(f"{path.name} is larger than {MAX_BYTES} bytes")
        with np.load(path, allow_pickle=False) as stored:
            latents = stored["latents"].astype(np.float32) * stored["latent_step"]
            return cls(
                _session(stored["flow"], threads),
                _session(stored["decoder"], threads),
                stored["mean"],
                stored["deviation"],
                stored["patch_mean"],
                stored["components"],
                stored["scale"],
                Gallery.of(latents, stored["texts"].astype(np.float32), stored["owner"]),
            )


def _session(stored: NDArray[np.uint8], threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Weights are stored in 8 bits; unpacked once when loading, they cost nothing later.
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    # Threads that wait in busy loops take the processor from whoever has work.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(
        stored.tobytes(), options, providers=["CPUExecutionProvider"]
    )
