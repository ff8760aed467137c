"""One model's SageMaker endpoint, invoked asynchronously, asleep at zero instances."""

from collections.abc import Mapping
from typing import Any, Final

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.config import Stage
from stacks.constructs.function import retention
from stacks.images import image_uri, inference_ami

VARIANT: Final = "main"
DOWNLOAD_TIMEOUT_S: Final = 1800
STARTUP_TIMEOUT_S: Final = 1800
BACKLOG_PER_INSTANCE: Final = 4
METRICS_PERIOD: Final = Duration.minutes(1)
LOG_GROUPS: Final = "/aws/sagemaker/Endpoints"
SCALING_ROLE: Final = (
    "role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com"
    "/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)
"""AWS makes and uses it itself; without its name CDK would make a role that may do nothing."""


class AsyncEndpoint(Construct):
    """`serving` is the cloud half of the model's card."""

    def __init__(
        self, scope: Construct, stage: Stage, model: str, serving: Mapping[str, Any], role: iam.Role
    ) -> None:
        super().__init__(scope, model)
        self.stage, self.model, self.serving = stage, model, serving
        self.name = stage.endpoint_name(model)
        log_group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=f"{LOG_GROUPS}/{self.name}",
            retention=retention(stage),
            removal_policy=RemovalPolicy.DESTROY,
        )
        endpoint = sagemaker.CfnEndpoint(
            self,
            "Endpoint",
            endpoint_name=self.name,
            endpoint_config_name=self._config(role).attr_endpoint_config_name,
            retain_all_variant_properties=True,
        )
        endpoint.node.add_dependency(log_group)
        self._scale(endpoint)

    def _config(self, role: iam.Role) -> sagemaker.CfnEndpointConfig:
        bucket = f"s3://{self.stage.bucket_name}/raw"
        model = self._model(role)
        return sagemaker.CfnEndpointConfig(
            self,
            "Config",
            production_variants=[
                sagemaker.CfnEndpointConfig.ProductionVariantProperty(
                    variant_name=VARIANT,
                    model_name=model.attr_model_name,
                    # SageMaker takes no 0 at creation; the first scale-in puts it to sleep.
                    initial_instance_count=1,
                    initial_variant_weight=1,
                    instance_type=self.serving["instance_type"],
                    inference_ami_version=inference_ami(self.serving["image"]),
                    model_data_download_timeout_in_seconds=DOWNLOAD_TIMEOUT_S,
                    container_startup_health_check_timeout_in_seconds=STARTUP_TIMEOUT_S,
                )
            ],
            async_inference_config=sagemaker.CfnEndpointConfig.AsyncInferenceConfigProperty(
                output_config=sagemaker.CfnEndpointConfig.AsyncInferenceOutputConfigProperty(
                    s3_output_path=bucket,
                    s3_failure_path=bucket,
                    notification_config=_notices(self.stage),
                ),
                client_config=sagemaker.CfnEndpointConfig.AsyncInferenceClientConfigProperty(
                    max_concurrent_invocations_per_instance=self.serving["concurrency"]
                ),
            ),
        )

    def _model(self, role: iam.Role) -> sagemaker.CfnModel:
        """Weights and code come from the files bucket, unpacked, since large archives fail."""
        source = sagemaker.CfnModel.ModelDataSourceProperty(
            s3_data_source=sagemaker.CfnModel.S3DataSourceProperty(
                s3_uri=f"s3://{self.stage.bucket_name}/{self.serving['weights']}/",
                s3_data_type="S3Prefix",
                compression_type="None",
            )
        )
        model = sagemaker.CfnModel(
            self,
            "Model",
            execution_role_arn=role.role_arn,
            primary_container=sagemaker.CfnModel.ContainerDefinitionProperty(
                image=image_uri(self.stage, self.serving["image"]),
                model_data_source=source,
                environment=dict(self.serving["environment"]),
            ),
        )
        # SageMaker looks at the weights at once, and the role's name alone does not wait for what
        # the role may do.
        model.node.add_dependency(role)
        return model

    def _scale(self, endpoint: sagemaker.CfnEndpoint) -> None:
        target = scaling.ScalableTarget(
            self,
            "Capacity",
            service_namespace=scaling.ServiceNamespace.SAGEMAKER,
            role=iam.Role.from_role_arn(
                self, "ScalingRole", f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:{SCALING_ROLE}"
            ),
            resource_id=f"endpoint/{self.name}/variant/{VARIANT}",
            scalable_dimension="sagemaker:variant:DesiredInstanceCount",
            min_capacity=0,
            max_capacity=self.serving["max_capacity"],
        )
        target.node.add_dependency(endpoint)
        target.scale_to_track_metric(
            "Backlog",
            target_value=BACKLOG_PER_INSTANCE,
            custom_metric=self._metric("ApproximateBacklogSizePerInstance", "Average"),
            scale_in_cooldown=Duration.seconds(self.serving["idle_s"]),
            scale_out_cooldown=METRICS_PERIOD,
        )
        self._wake(target)

    def _wake(self, target: scaling.ScalableTarget) -> None:
        """From zero to one at the first waiting request; target tracking alone would wait for more
        of them. Never the way back: the metric falls when a request is picked up."""
        action = scaling.StepScalingAction(
            self,
            "WakeAction",
            scaling_target=target,
            adjustment_type=scaling.AdjustmentType.CHANGE_IN_CAPACITY,
            cooldown=Duration.minutes(5),
        )
        action.add_adjustment(adjustment=1, lower_bound=0)
        alarm = cloudwatch.Alarm(
            self,
            "Waiting",
            alarm_name=f"{self.name}: requests wait and no instance runs",
            metric=self._metric("HasBacklogWithoutCapacity", "Maximum"),
            threshold=1,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.MISSING,
        )
        alarm.add_alarm_action(actions.ApplicationScalingAction(action))

    def _metric(self, name: str, statistic: str) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace="AWS/SageMaker",
            metric_name=name,
            dimensions_map={"EndpointName": self.name},
            statistic=statistic,
            period=METRICS_PERIOD,
        )


def _notices(
    stage: Stage,
) -> sagemaker.CfnEndpointConfig.AsyncInferenceNotificationConfigProperty:
    return sagemaker.CfnEndpointConfig.AsyncInferenceNotificationConfigProperty(
        success_topic=stage.topic_arn("inference-succeeded"),
        error_topic=stage.topic_arn("inference-failed"),
    )
