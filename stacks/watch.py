"""Alarms and a dashboard: what an operator must hear of, and what they look at then."""

from typing import Final

from aws_cdk import App, Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_ssm as ssm

from stacks.config import Stage
from stacks.constructs.stack import StageStack

PERIOD: Final = Duration.minutes(5)
MAX_MESSAGE_AGE_S: Final = 600
DEAD_LETTERS: Final = ("completed-dlq", "billing-events-dlq", "webhooks-dlq", "undelivered")
QUEUES: Final = ("completed", "billing-events", "webhooks")
FUNCTIONS: Final = (
    ("auth", "api"),
    ("auth", "closer"),
    ("auth", "outbox"),
    ("auth", "followups"),
    ("billing", "api"),
    ("billing", "events"),
    ("content", "api"),
    ("content", "verdicts"),
    ("inference", "api"),
    ("inference", "completed"),
    ("inference", "sweeper"),
    ("inference", "deliveries"),
    ("inference", "attempts"),
    ("inference", "due"),
)
GUARD: Final = ("edge", "guard")
MAX_FAILED_REQUESTS: Final = 10
"""In one period; 503 is also what a waking model answers, a few at a time."""
SILENT_PERIODS: Final = 3
"""The sweeper runs every minute; after three periods without it holds begin to overstay."""


class WatchStack(StageStack):
    def __init__(self, app: App, stage: Stage) -> None:
        super().__init__(app, stage, "watch")
        self.topic = sns.Topic(
            self, "Alarms", topic_name=f"{stage.prefix}-alarms", enforce_ssl=True
        )
        if stage.alarm_email:
            self.topic.add_subscription(subscriptions.EmailSubscription(stage.alarm_email))
        for queue in DEAD_LETTERS:
            self._alarm(f"{queue} holds messages", self._queue(queue, "NumberVisible"), 1)
        for queue in QUEUES:
            self._alarm(f"{queue} lags", self._queue(queue, "Age"), MAX_MESSAGE_AGE_S)
        self._alarm("a function fails", self._any_function("Errors"), 1)
        self._alarm("a function is throttled", self._any_function("Throttles"), 1)
        self._alarm("requests fail", self._failed_requests(), MAX_FAILED_REQUESTS)
        self._alarm_of_silence()
        self._dashboard()

    def _failed_requests(self) -> cloudwatch.Metric:
        """Answers of 5xx: an error that a service renders is none of its function's."""
        api_id = ssm.StringParameter.value_for_string_parameter(
            self, self.stage.parameter("api-id")
        )
        return cloudwatch.Metric(
            namespace="AWS/ApiGateway",
            metric_name="5xx",
            dimensions_map={"ApiId": api_id},
            statistic="Sum",
            period=PERIOD,
        )

    def _alarm_of_silence(self) -> None:
        alarm = cloudwatch.Alarm(
            self,
            "TheSweeperIsSilent",
            alarm_name=f"{self.stage.prefix}: the sweeper is silent",
            metric=self._function("inference", "sweeper", "Invocations"),
            threshold=1,
            evaluation_periods=SILENT_PERIODS,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))

    def _queue(self, name: str, what: str) -> cloudwatch.IMetric:
        metric, statistic = {
            "NumberVisible": ("ApproximateNumberOfMessagesVisible", "Maximum"),
            "Age": ("ApproximateAgeOfOldestMessage", "Maximum"),
        }[what]
        return cloudwatch.Metric(
            namespace="AWS/SQS",
            metric_name=metric,
            dimensions_map={"QueueName": f"{self.stage.prefix}-{name}"},
            statistic=statistic,
            period=PERIOD,
        )

    def _function(self, service: str, handler: str, metric: str) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace="AWS/Lambda",
            metric_name=metric,
            dimensions_map={"FunctionName": self.stage.function_name(service, handler)},
            statistic="Sum",
            period=PERIOD,
        )

    def _functions(self) -> list[tuple[str, str]]:
        return [*FUNCTIONS, *([GUARD] if self.stage.serving == "cloud" else [])]

    def _any_function(self, metric: str) -> cloudwatch.Metric:
        """The account's sum: one alarm instead of nine that cost, and the dashboard tells the
        functions apart."""
        return cloudwatch.Metric(
            namespace="AWS/Lambda", metric_name=metric, statistic="Sum", period=PERIOD
        )

    def _alarm(self, name: str, metric: cloudwatch.IMetric, threshold: float) -> None:
        alarm = cloudwatch.Alarm(
            self,
            "".join(word.title() for word in name.replace("-", " ").split()),
            alarm_name=f"{self.stage.prefix}: {name}",
            metric=metric,
            threshold=threshold,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))

    def _dashboard(self) -> None:
        rows: list[list[cloudwatch.IWidget]] = [
            [self._graph(metric) for metric in ("Invocations", "Errors", "Throttles", "Duration")],
            [
                cloudwatch.GraphWidget(
                    title="Messages that failed for good",
                    left=[self._queue(queue, "NumberVisible") for queue in DEAD_LETTERS],
                ),
                cloudwatch.GraphWidget(
                    title="Oldest message (s)",
                    left=[self._queue(queue, "Age") for queue in QUEUES],
                ),
            ],
        ]
        cloudwatch.Dashboard(self, "Dashboard", dashboard_name=self.stage.prefix, widgets=rows)

    def _graph(self, metric: str) -> cloudwatch.IWidget:
        left: list[cloudwatch.IMetric] = [
            self._function(service, handler, metric) for service, handler in self._functions()
        ]
        return cloudwatch.GraphWidget(title=metric, left=left)
