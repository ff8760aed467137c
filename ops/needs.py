"""What a stage asks of its account, as its stage and the models' cards say."""

from collections import Counter

from ops.account import Needs
from stacks.cards import get_serving
from stacks.config import Stage


def needs_of(stage: Stage) -> Needs:
    """Raises ValueError for a stage that is not deployed to AWS."""
    if stage.serving != "cloud":
        raise ValueError(f"the stage {stage.name!r} needs no AWS account: `make up` starts it here")
    instances: Counter[str] = Counter()
    for model in stage.models:
        serving = get_serving(stage, model)
        instances[serving["instance_type"]] += serving["max_capacity"]
    return Needs(
        stage=stage.name,
        region=stage.region,
        instances=instances,
        mail_from=stage.mail_from,
        domain=stage.domain,
    )
