"""Model cards as stacks read them: from the compiled catalogue, like the functions do."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from stacks.config import Stage

MODELS: Final = Path(__file__).parent.parent / "models"
TOLD: Final = ("wake_s", "timeout_s", "concurrency", "typical_s")
"""What functions are told of a model's serving."""


@cache
def _cards() -> Mapping[str, Mapping[str, Any]]:
    catalog = json.loads((MODELS / "catalog.json").read_text(encoding="utf-8"))
    return {card["id"]: card for card in catalog["models"]}


def get_serving(stage: Stage, model: str) -> Mapping[str, Any]:
    """How the stage serves a model; raises ValueError when its card has no such half."""
    serving = _cards()[model]["serving"] if model in _cards() else {}
    if stage.serving not in serving:
        raise ValueError(f"{model} cannot be served at {stage.name}: see models/{model}/card.yaml")
    facts: Mapping[str, Any] = serving[stage.serving]
    return facts


def get_task(model: str) -> str:
    """What the model does: `chat`, `embedding`, …; raises KeyError for an unknown one."""
    return str(_cards()[model]["task"])


def endpoints(stage: Stage) -> str:
    """The ENDPOINTS variable: model → {endpoint, wake_s, timeout_s, concurrency, typical_s}, the
    last only where it was measured, in the stage's order."""
    served = {}
    for model in stage.models:
        serving = get_serving(stage, model)
        times = {name: serving[name] for name in TOLD if name in serving}
        served[model] = {"endpoint": stage.endpoint_name(model)} | times
    return json.dumps(served)
