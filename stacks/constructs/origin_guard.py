"""Makes the edge the only way in: the secret that it sends, and the authorizer that asks for it."""

from typing import Final

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from stacks import grants
from stacks.config import Stage
from stacks.constructs.function import ServiceFunction
from stacks.constructs.layers import layers
from stacks.nag import accept

HEADER: Final = "x-origin-secret"
ORIGIN: Final = "origin"
"""The secret's name, `sluice-{stage}-origin`."""
SECRET_CHARS: Final = 64
TIMEOUT_S: Final = 10
REMEMBERED: Final = Duration.minutes(5)
"""How long the gateway acts on an answer without asking, so also how long a withdrawn secret still
opens."""


class OriginGuard(Construct):
    """`authorizer` lets through whoever shows the origin secret. A request without the header is
    refused by the gateway itself, so a stranger's costs no invocation."""

    def __init__(self, scope: Construct, stage: Stage) -> None:
        super().__init__(scope, "OriginGuard")
        secret = secretsmanager.Secret(
            self,
            "Secret",
            secret_name=stage.secret_name(ORIGIN),
            description="What CloudFront shows to the HTTP API with every request.",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=SECRET_CHARS, exclude_punctuation=True
            ),
            removal_policy=RemovalPolicy.DESTROY,
        )
        accept(
            secret,
            "AwsSolutions-SMG4",
            "Turning it takes a deployment of the edge, so an operator does: docs/operate.md.",
        )
        guard = ServiceFunction(
            self,
            stage,
            "edge",
            "guard",
            layers=layers(self, stage),
            environment={"ORIGIN_SECRET_ID": stage.secret_name(ORIGIN)},
            grants=[grants.read_secret(stage, ORIGIN)],
            timeout_s=TIMEOUT_S,
        )
        self.authorizer = authorizers.HttpLambdaAuthorizer(
            "Edge",
            guard.function,
            identity_source=[f"$request.header.{HEADER}"],
            response_types=[authorizers.HttpLambdaResponseType.SIMPLE],
            results_cache_ttl=REMEMBERED,
        )
