"""SPAN ×4 in the cloud: what SageMaker's stock PyTorch container calls (`SAGEMAKER_PROGRAM`).

The endpoint's model data is the folder of weights with this folder as its `code/`. The container
installs requirements.txt beside this file, serves /ping and /invocations itself and calls
`model_fn` once per worker.
"""

import json
from pathlib import Path

from sagemaker_inference.errors import BaseInferenceToolkitError
from span import InvalidInputError, Span, answer


def model_fn(model_dir: str) -> Span:
    return Span(Path(model_dir))


def transform_fn(
    network: Span, body: bytes | bytearray, content_type: str, accept: str
) -> tuple[bytes, str]:
    """One invocation: JSON in, PNG out; the client's faults are 400 with the contract's JSON."""
    del accept  # there is one kind of answer
    if content_type.partition(";")[0].strip() != "application/json":
        raise BaseInferenceToolkitError(415, "application/json is taken.", "Unsupported Media Type")
    try:
        return answer(network, bytes(body)), "image/png"
    except InvalidInputError as invalid:
        error = json.dumps({"error": {"message": invalid.message, "code": invalid.code}})
        raise BaseInferenceToolkitError(400, invalid.message, error) from invalid
