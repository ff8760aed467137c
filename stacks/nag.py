"""The audit of every template: cdk-nag's rule packs, and the reasons for what they may not fail."""

from aws_cdk import Acknowledgment, App, Aws, Validations
from cdk_nag import AwsSolutionsChecks, ServerlessChecks
from constructs import IConstruct


def audit(app: App) -> None:
    """Unexplained findings fail the synthesis."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))


def accept_wildcard(role: IConstruct, resource: str, reason: str) -> None:
    """Accept one wildcard resource of a role's policy; the rule is asked for each by name."""
    pseudo = {"Partition": Aws.PARTITION, "Region": Aws.REGION, "AccountId": Aws.ACCOUNT_ID}
    shown = resource
    for name, token in pseudo.items():
        shown = shown.replace(token, f"<AWS::{name}>")
    accept(role, f"AwsSolutions-IAM5[Resource::{shown}]", reason)


def accept(scope: IConstruct, rule: str, reason: str) -> None:
    """Accept a finding on one construct, for a reason that a reader can judge."""
    Validations.of(scope).acknowledge(Acknowledgment(id=rule, reason=reason))
