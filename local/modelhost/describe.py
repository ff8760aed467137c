"""DescribeEndpoint: how the product sees whether an endpoint sleeps, wakes or runs."""

from typing import Any

from local.modelhost.endpoint import Endpoint
from local.modelhost.instance import State

VARIANT = "AllTraffic"


def describe(endpoint: Endpoint) -> dict[str, Any]:
    """The answer's members that an asynchronous endpoint has, times in epoch seconds."""
    instance = endpoint.instance
    name, places = endpoint.served.endpoint, endpoint.places
    running = int(instance.state is State.AWAKE)
    wanted = int(instance.state is not State.ASLEEP or endpoint.backlog > 0)
    arn = f"arn:aws:sagemaker:{places.region}:{places.account}:endpoint/{name}"
    return {
        "EndpointName": name,
        "EndpointArn": arn,
        "EndpointConfigName": name,
        "EndpointStatus": "InService" if running == wanted else "Updating",
        "CreationTime": endpoint.created,
        "LastModifiedTime": instance.changed,
        "ProductionVariants": [
            {
                "VariantName": VARIANT,
                "CurrentWeight": 1.0,
                "DesiredWeight": 1.0,
                "CurrentInstanceCount": running,
                "DesiredInstanceCount": wanted,
            }
        ],
        "AsyncInferenceConfig": {
            "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 1},
            "OutputConfig": {
                "S3OutputPath": places.output_path,
                "S3FailurePath": places.failure_path,
                "NotificationConfig": {
                    "SuccessTopic": places.success_topic,
                    "ErrorTopic": places.error_topic,
                },
            },
        },
    }


def health(endpoint: Endpoint) -> dict[str, Any]:
    """One model's line of `GET /healthz`."""
    return {
        "endpoint": endpoint.served.endpoint,
        "state": endpoint.instance.state,
        "queue_length": endpoint.backlog,
        "pid": endpoint.instance.pid,
        "last_wake_s": endpoint.instance.last_wake_s,
        "counts": dict(endpoint.counts),
        "wake_failures": endpoint.instance.wake_failures,
    }
