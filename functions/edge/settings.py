"""The guard's environment."""

from dataclasses import dataclass

from sluice.settings import load


@dataclass(frozen=True, slots=True)
class Settings:
    """`origin_secret_id` names what the stage's edge, and nobody else, knows."""

    origin_secret_id: str


def settings() -> Settings:
    return load(Settings)
