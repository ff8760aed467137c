"""Whisper in the cloud: what SageMaker's stock PyTorch container calls (`SAGEMAKER_PROGRAM`)."""

import json
from pathlib import Path

import ctranslate2
from sound import BadSoundError, decode
from toolkit import parse_object, refusal
from transcript import InvalidInputError, Listener, read


def model_fn(model_dir: str) -> Listener:
    has_gpu = ctranslate2.get_cuda_device_count() > 0
    return Listener(
        Path(model_dir),
        device="cuda" if has_gpu else "cpu",
        compute_type="float16" if has_gpu else "int8",
    )


def transform_fn(
    listener: Listener, body: bytes | bytearray, content_type: str, accept: str
) -> tuple[bytes, str]:
    """One invocation: JSON in, JSON out."""
    del accept  # there is one kind of answer
    try:
        wanted = read(parse_object(body, content_type))
        samples = decode(wanted.data, wanted.kind, wanted.max_ms)
    except (InvalidInputError, BadSoundError) as invalid:
        raise refusal(invalid.code, invalid.message) from invalid
    heard = listener.transcribe(samples, wanted)
    return json.dumps(heard, ensure_ascii=False).encode(), "application/json"
