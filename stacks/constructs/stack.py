"""A stack of one stage."""

from aws_cdk import App, Stack, Tags

from stacks.config import Stage


class StageStack(Stack):
    """Named `sluice-{stage}-{noun}`, and tagged so that a bill can be read by stage."""

    def __init__(self, app: App, stage: Stage, noun: str) -> None:
        name = f"{stage.prefix}-{noun}"
        super().__init__(app, name, stack_name=name, env=stage.environment)
        self.stage = stage
        self.termination_protection = not stage.removable
        Tags.of(self).add("sluice:stage", stage.name)
