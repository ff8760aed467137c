"""What the model host is told at its start, and what the cards tell it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

MAX_CARDS = 200


@dataclass(frozen=True, slots=True)
class Places:
    """Where results go and who hears of them, as an endpoint's AsyncInferenceConfig says."""

    output_path: str
    failure_path: str
    success_topic: str
    error_topic: str
    region: str
    account: str


@dataclass(frozen=True, slots=True)
class Served:
    """A model that is served here: its endpoint's name, and how its process is run."""

    model: str
    endpoint: str
    server: Path
    wake_s: float
    idle_s: float


def served_models(folder: Path, prefix: str) -> tuple[Served, ...]:
    """The models whose cards have local serving; others have no endpoint here."""
    paths = sorted(folder.glob("*/card.yaml"))[:MAX_CARDS]
    cards = [yaml.safe_load(path.read_text()) for path in paths]
    return tuple(_served(folder, card, prefix) for card in cards if "local" in card["serving"])


def _served(folder: Path, card: dict[str, Any], prefix: str) -> Served:
    """`server` is written from the repository's root, and may be another model's."""
    local = card["serving"]["local"]
    return Served(
        model=card["id"],
        endpoint=f"{prefix}-{card['id']}",
        server=folder.joinpath(*Path(local["server"]).parts[1:]),
        wake_s=local["wake_s"],
        idle_s=local["idle_s"],
    )
