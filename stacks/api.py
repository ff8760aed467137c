"""The HTTP API: which path leads to which service. A new route needs nothing here.

In the cloud it answers to the stage's edge alone.
"""

import json
from typing import Final

from aws_cdk import App, CfnOutput, RemovalPolicy
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_ssm as ssm

from stacks.config import Stage
from stacks.constructs.origin_guard import OriginGuard
from stacks.constructs.stack import StageStack
from stacks.nag import accept

PATHS: Final = {
    "/v1/auth/{proxy+}": "auth",
    "/v1/billing/{proxy+}": "billing",
    "/v1/content/{proxy+}": "content",
    "/v1/inference/{proxy+}": "inference",
    "/openai/{proxy+}": "inference",
    "/v3/{proxy+}": "inference",
    "/openapi/{proxy+}": "inference",
}
RATE_LIMIT: Final = 1_000
BURST_LIMIT: Final = 2_000
"""Requests a second, for the whole stage; each key's own limits are far lower."""
LOGGED: Final = {
    "requestId": "$context.requestId",
    "ip": "$context.identity.sourceIp",
    "time": "$context.requestTime",
    "method": "$context.httpMethod",
    "path": "$context.path",
    "status": "$context.status",
    "latencyMs": "$context.responseLatency",
    "error": "$context.integrationErrorMessage",
}
"""No query and no header: links and keys are credentials. `ip` is the edge's where there is one."""


class ApiStack(StageStack):
    def __init__(self, app: App, stage: Stage) -> None:
        super().__init__(app, stage, "api")
        api = apigateway.HttpApi(self, "Api", api_name=stage.prefix, create_default_stage=False)
        self._stage_of(api)
        guard = OriginGuard(self, stage).authorizer if stage.serving == "cloud" else None
        doors = {service: self._door(service) for service in sorted(set(PATHS.values()))}
        for path, service in PATHS.items():
            for route in api.add_routes(
                path=path,
                methods=[apigateway.HttpMethod.ANY],
                integration=doors[service],
                authorizer=guard,
            ):
                if guard is None:
                    accept(
                        route,
                        "AwsSolutions-APIG4",
                        "The laptop's gateway answers to the laptop alone, and each service "
                        "authenticates: a test asks every route anonymously.",
                    )
        ssm.StringParameter(
            self, "ApiId", parameter_name=stage.parameter("api-id"), string_value=api.api_id
        )
        CfnOutput(self, "ApiIdOutput", key="ApiId", value=api.api_id)

    def _stage_of(self, api: apigateway.HttpApi) -> None:
        log_group = logs.LogGroup(
            self,
            "AccessLogs",
            log_group_name=f"/aws/apigateway/{self.stage.prefix}",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=RemovalPolicy.DESTROY,
        )
        apigateway.CfnStage(
            self,
            "Stage",
            api_id=api.api_id,
            stage_name="$default",
            auto_deploy=True,
            default_route_settings=apigateway.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=RATE_LIMIT, throttling_burst_limit=BURST_LIMIT
            ),
            access_log_settings=apigateway.CfnStage.AccessLogSettingsProperty(
                destination_arn=log_group.log_group_arn, format=json.dumps(LOGGED)
            ),
        )

    def _door(self, service: str) -> integrations.HttpLambdaIntegration:
        function = lambda_.Function.from_function_attributes(
            self,
            f"{service.title()}Function",
            function_arn=self.stage.arn(
                "lambda", f"function:{self.stage.function_name(service, 'api')}"
            ),
            same_environment=True,
        )
        return integrations.HttpLambdaIntegration(f"{service.title()}Door", function)
