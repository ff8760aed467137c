"""The content service's environment."""

from dataclasses import dataclass

from sluice.settings import load


@dataclass(frozen=True, slots=True)
class Settings:
    """`guardrail_id` names the set of detectors that the policy's page tells about."""

    content_table: str
    accounts_table: str
    root_secret_id: str
    guardrail_id: str


def settings() -> Settings:
    return load(Settings)
