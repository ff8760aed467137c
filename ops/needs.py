"""What a stage asks of its account, as `stacks/config.py` and the catalogue say."""

from ops.account import Needs


def needs_of(stage: str, region: str | None) -> Needs | None:
    return None
