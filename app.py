"""The whole platform as CDK stacks, for one stage: `cdk deploy --all -c stage=dev`."""

import aws_cdk as cdk

from stacks.api import ApiStack
from stacks.auth import AuthStack
from stacks.billing import BillingStack
from stacks.config import get_stage
from stacks.content import ContentStack
from stacks.data import DataStack
from stacks.edge import EdgeStack
from stacks.inference import InferenceStack
from stacks.models import ModelsStack
from stacks.moderation import ModerationStack
from stacks.nag import audit
from stacks.watch import WatchStack


def build(app: cdk.App) -> None:
    """Add the stage's stacks, in the order in which they are deployed."""
    stage = get_stage(app)
    data = DataStack(app, stage)
    services = [
        kind(app, stage) for kind in (AuthStack, BillingStack, ContentStack, InferenceStack)
    ]
    api = ApiStack(app, stage)
    watch = WatchStack(app, stage)
    for service in services:
        service.add_stack_dependency(data)
        api.add_stack_dependency(service)
    watch.add_stack_dependency(api)
    if stage.serving == "cloud":
        ModelsStack(app, stage).add_stack_dependency(data)
        inference = services[-1]
        inference.add_stack_dependency(ModerationStack(app, stage))
        EdgeStack(app, stage).add_stack_dependency(api)
    audit(app)


if __name__ == "__main__":
    main = cdk.App()
    build(main)
    main.synth()
