"""What hands functions their work when nobody waits: queues, streams and the clock."""

from collections.abc import Mapping
from typing import Any, Final

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from stacks.config import Stage
from stacks.grants import read_stream
from stacks.nag import accept

BATCH_SIZE: Final = 10
STREAM_BATCH_SIZE: Final = 25
STREAM_RETRIES: Final = 10
PATIENT_RETRIES: Final = 10_000
"""As many as Lambda takes: until the record's day in the stream is over."""
MAX_RECEIVES: Final = 5
VISIBILITY_TIMEOUTS: Final = 6
"""A queue hides a message for six of its worker's time-outs, as AWS advises."""
RETENTION_DAYS: Final = 14
MIN_CONCURRENCY: Final = 2


class WorkQueue(Construct):
    """A queue and its dead-letter queue, which keeps what failed five times for two weeks."""

    def __init__(self, scope: Construct, stage: Stage, name: str, worker_timeout_s: int) -> None:
        super().__init__(scope, f"{name.title()}Queue")
        removal = RemovalPolicy.DESTROY if stage.removable else RemovalPolicy.RETAIN
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            queue_name=f"{stage.prefix}-{name}-dlq",
            enforce_ssl=True,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            retention_period=Duration.days(RETENTION_DAYS),
            removal_policy=removal,
        )
        accept(
            self.dead_letters, "Serverless-SQSRedrivePolicy", "It is a dead-letter queue itself."
        )
        self.queue = sqs.Queue(
            self,
            "Queue",
            queue_name=f"{stage.prefix}-{name}",
            enforce_ssl=True,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            visibility_timeout=Duration.seconds(VISIBILITY_TIMEOUTS * worker_timeout_s),
            retention_period=Duration.days(RETENTION_DAYS),
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=self.dead_letters, max_receive_count=MAX_RECEIVES
            ),
            removal_policy=removal,
        )


def from_queue(
    scope: Construct,
    stage: Stage,
    function: lambda_.Function,
    role: iam.Role,
    name: str,
    batch_size: int = BATCH_SIZE,
) -> None:
    """Work a queue in batches; only the records that failed come again. Where one message may
    take long, a `batch_size` of 1 keeps the others from waiting for it."""
    queue = sqs.Queue.from_queue_arn(scope, f"{name.title()}Source", stage.queue_arn(name))
    queue.grant_consume_messages(role)
    concurrency = max(MIN_CONCURRENCY, stage.concurrency) if stage.concurrency else None
    function.add_event_source(
        sources.SqsEventSource(
            queue,
            batch_size=batch_size,
            report_batch_item_failures=True,
            max_concurrency=concurrency,
        )
    )
    accept(
        function,
        "Serverless-LambdaEventSourceMappingDestination",
        "The queue has a dead-letter queue of its own.",
    )


def from_stream(
    scope: Construct,
    stage: Stage,
    function: lambda_.Function,
    role: iam.Role,
    *,
    table: str,
    only: Mapping[str, Any],
    retries: int = STREAM_RETRIES,
) -> None:
    """Follow a table's stream; `only` is the event filter. What fails so often is reported to
    the queue of the undelivered, and does not hold up the records behind it for ever."""
    stream = ssm.StringParameter.value_for_string_parameter(
        scope, stage.parameter(f"streams/{table}")
    )
    for grant in read_stream(stage, table):
        grant.to(role)
    dead_letters = sqs.Queue.from_queue_arn(scope, "Undelivered", stage.queue_arn("undelivered"))
    dead_letters.grant_send_messages(role)
    lambda_.EventSourceMapping(
        scope,
        f"{table.title()}Stream",
        target=function,
        event_source_arn=stream,
        starting_position=lambda_.StartingPosition.TRIM_HORIZON,
        batch_size=STREAM_BATCH_SIZE,
        bisect_batch_on_error=True,
        report_batch_item_failures=True,
        retry_attempts=retries,
        filters=[lambda_.FilterCriteria.filter(dict(only))],
        on_failure=sources.SqsDlq(dead_letters),
    )


def every_minute(scope: Construct, function: lambda_.Function) -> None:
    """A missed minute is made up for by the next, so a failure needs no retry of its own."""
    _every(scope, "Minute", Duration.minutes(1), function)


def every_hour(scope: Construct, function: lambda_.Function) -> None:
    """The same, where an hour's delay does no harm."""
    _every(scope, "Hour", Duration.hours(1), function)


def _every(scope: Construct, unit: str, period: Duration, function: lambda_.Function) -> None:
    rule = events.Rule(
        scope,
        f"Every{unit}",
        schedule=events.Schedule.rate(period),
        targets=[targets.LambdaFunction(function, retry_attempts=0)],
    )
    accept(rule, "Serverless-EventBusDLQ", "The next one does what this one missed.")
