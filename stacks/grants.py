"""What functions may do, in the words of the product. Every resource is one of the stage's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aws_cdk import aws_iam as iam

from stacks.config import Stage
from stacks.nag import accept_wildcard

READ_ITEMS: Final = ("dynamodb:GetItem", "dynamodb:Query", "dynamodb:BatchGetItem")
WRITE_ITEMS: Final = ("dynamodb:PutItem", "dynamodb:UpdateItem")
"""Alone or in a transaction, for which IAM asks for what each of its parts needs."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Actions on resources; `why` says what a wildcard among the resources is for."""

    actions: Sequence[str]
    resources: Sequence[str]
    conditions: Mapping[str, Mapping[str, str | Sequence[str]]] | None = None
    why: str | None = None

    def to(self, role: iam.Role) -> None:
        """Add it to the role's policy; raises ValueError for a wildcard without a reason."""
        role.add_to_policy(
            iam.PolicyStatement(
                actions=list(self.actions),
                resources=list(self.resources),
                conditions=self.conditions,
            )
        )
        for resource in self.resources:
            if "*" in resource:
                if self.why is None:
                    raise ValueError(f"say why the wildcard in {resource}")
                accept_wildcard(role, resource, self.why)


def read_table(stage: Stage, owner: str) -> Grant:
    """Read items and `gsi1`; never a scan."""
    table = stage.table_arn(owner)
    return Grant(READ_ITEMS, [table, f"{table}/index/gsi1"])


def find_items(stage: Stage, owner: str, *prefixes: str) -> Grant:
    """Read items whose keys are known: enough to find a principal; or only those whose keys begin
    so."""
    conditions = _leading(stage, prefixes) if prefixes else None
    return Grant(("dynamodb:GetItem",), [stage.table_arn(owner)], conditions)


def find_due(stage: Stage, owner: str) -> Grant:
    """Read `gsi1` alone."""
    return Grant(("dynamodb:Query",), [f"{stage.table_arn(owner)}/index/gsi1"])


def write_table(stage: Stage, owner: str) -> Grant:
    return Grant(WRITE_ITEMS, [stage.table_arn(owner)])


def put_items(stage: Stage, owner: str, *prefixes: str) -> Grant:
    """Put items, or only those whose keys begin so."""
    table = stage.table_arn(owner)
    return Grant(("dynamodb:PutItem",), [table], _leading(stage, prefixes) if prefixes else None)


def list_items(stage: Stage, owner: str) -> Grant:
    """Query the table, not its index."""
    return Grant(("dynamodb:Query",), [stage.table_arn(owner)])


def check_items(stage: Stage, owner: str) -> Grant:
    """Ask for a condition within a transaction."""
    return Grant(("dynamodb:ConditionCheckItem",), [stage.table_arn(owner)])


def update_items(stage: Stage, owner: str, *prefixes: str) -> Grant:
    """Change items whose keys begin so, and no others."""
    table = stage.table_arn(owner)
    return Grant(("dynamodb:UpdateItem",), [table], _leading(stage, prefixes))


def delete_items(stage: Stage, owner: str, *prefixes: str) -> Grant:
    """Delete items whose keys begin so, and no others."""
    table = stage.table_arn(owner)
    return Grant(("dynamodb:DeleteItem",), [table], _leading(stage, prefixes))


def spend_credit(stage: Stage) -> Grant:
    """Hold and settle: change buckets and caps and put lines beside them, and nothing else of the
    ledger."""
    table = stage.table_arn("ledger")
    return Grant(WRITE_ITEMS, [table], _leading(stage, ("BAL#", "GRANT#", "CAP#")))


def _leading(stage: Stage, prefixes: Sequence[str]) -> dict[str, Mapping[str, str | Sequence[str]]]:
    conditions: dict[str, Mapping[str, str | Sequence[str]]] = {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"{prefix}*" for prefix in prefixes]}
    }
    if stage.serving == "cloud":
        # "For all" is true of none: AWS always names the keys, and the emulator never does.
        conditions["Null"] = {"dynamodb:LeadingKeys": "false"}
    return conditions


def read_secret(stage: Stage, name: str) -> Grant:
    """One of the stage's secrets; AWS appends six characters to a secret's ARN."""
    return Grant(
        ("secretsmanager:GetSecretValue",),
        [stage.arn("secretsmanager", f"secret:{stage.secret_name(name)}-??????")],
    )


def files(stage: Stage, prefix: str, *actions: str) -> Grant:
    """Object actions (`GetObject`, …) under one prefix of the files bucket."""
    resource = f"arn:aws:s3:::{stage.bucket_name}/{prefix}/*"
    why = "A job's files are named by the job; the prefix is the function's own."
    return Grant([f"s3:{action}" for action in actions], [resource], why=why)


def list_files(stage: Stage, *prefixes: str) -> Grant:
    """List keys, under `prefixes` or anywhere. Who may list anywhere is told that a missing object
    is missing (404); a limit to prefixes does not hold for that, and the answer is 403."""
    within: dict[str, str | Sequence[str]] = {"s3:prefix": [f"{prefix}/*" for prefix in prefixes]}
    return Grant(
        ("s3:ListBucket",),
        [f"arn:aws:s3:::{stage.bucket_name}"],
        {"StringLike": within} if prefixes else None,
    )


def send_messages(stage: Stage, queue: str) -> Grant:
    return Grant(("sqs:SendMessage",), [stage.queue_arn(queue)])


def publish(stage: Stage, topic: str) -> Grant:
    return Grant(("sns:Publish",), [stage.topic_arn(topic)])


def send_mail(stage: Stage) -> Grant:
    """From the stage's address or its whole domain."""
    if stage.serving == "local":
        why = "The emulator checks SES v2's SendEmail against no resource but `*`."
        return Grant(("ses:SendEmail",), ["*"], why=why)
    domain = stage.mail_from.rpartition("@")[2]
    identities = [stage.arn("ses", f"identity/{name}") for name in (domain, stage.mail_from)]
    return Grant(("ses:SendEmail",), identities)


def invoke_models(stage: Stage) -> Grant:
    return Grant(
        ("sagemaker:InvokeEndpointAsync", "sagemaker:DescribeEndpoint"),
        [stage.arn("sagemaker", f"endpoint/{stage.endpoint_name('*')}")],
        why="The stage's own endpoints, whichever models are switched on.",
    )


def screen_content(stage: Stage, guardrail_id: str) -> list[Grant]:
    return [
        Grant(("bedrock:ApplyGuardrail",), [stage.arn("bedrock", f"guardrail/{guardrail_id}")]),
        Grant(
            ("rekognition:DetectModerationLabels",),
            ["*"],
            why="AWS knows no resource for this action.",
        ),
    ]


def read_stream(stage: Stage, owner: str) -> list[Grant]:
    return [
        Grant(
            ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"),
            [f"{stage.table_arn(owner)}/stream/*"],
            why="The table's stream has its time of birth in its name.",
        ),
        Grant(
            ("dynamodb:ListStreams",),
            ["*"],
            why="Lambda asks for it of whoever follows a stream; AWS knows no resource for it.",
        ),
    ]
