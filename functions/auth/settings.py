"""The auth service's environment."""

from dataclasses import dataclass

from sluice.settings import load


@dataclass(frozen=True, slots=True)
class Settings:
    """`public_url` is where people reach the product; `mail_from` is the sender of its mails."""

    accounts_table: str
    root_secret_id: str
    public_url: str
    mail_from: str


@dataclass(frozen=True, slots=True)
class OutboxSettings:
    events_topic_arn: str


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """`providers` lists in JSON by whom people may sign in (`providers/registry.py`)."""

    providers: str = "[]"


@dataclass(frozen=True, slots=True)
class ChallengeSettings:
    """`challenge` is the verifier in JSON (`challenges/service.py`), or empty."""

    challenge: str = ""


def challenge_settings() -> ChallengeSettings:
    return load(ChallengeSettings)


def provider_settings() -> ProviderSettings:
    return load(ProviderSettings)


def settings() -> Settings:
    return load(Settings)


def outbox_settings() -> OutboxSettings:
    return load(OutboxSettings)
