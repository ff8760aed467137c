"""What is kept: tables, files, topics, queues, the root secret and the mail identity."""

from typing import Final

from aws_cdk import App, Duration, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ses as ses
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_ssm as ssm

from stacks.config import Stage
from stacks.constructs.stack import StageStack
from stacks.constructs.worker import RETENTION_DAYS, WorkQueue
from stacks.nag import accept

LINE_FIELDS: Final = ("account", "job", "deadline_ms")
"""What the ledger's index shows of a line beside its keys: enough to find an open hold."""
STREAMED: Final = ("accounts", "jobs", "ledger")
WORKER_TIMEOUT_S: Final = 60
SECRET_CHARS: Final = 64


class DataStack(StageStack):
    def __init__(self, app: App, stage: Stage) -> None:
        super().__init__(app, stage, "data")
        self.removal = RemovalPolicy.DESTROY if stage.removable else RemovalPolicy.RETAIN
        for owner in ("accounts", "ledger", "content", "jobs"):
            self._table(owner)
        self._bucket()
        self._topics_and_queues()
        self._root_secret()
        ses.EmailIdentity(self, "Mail", identity=ses.Identity.email(stage.mail_from))

    def _table(self, owner: str) -> None:
        string = dynamodb.AttributeType.STRING
        table = dynamodb.Table(
            self,
            f"{owner.title()}Table",
            table_name=f"{self.stage.prefix}-{owner}",
            partition_key=dynamodb.Attribute(name="pk", type=string),
            sort_key=dynamodb.Attribute(name="sk", type=string),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute="ttl",
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES if owner in STREAMED else None,
            deletion_protection=not self.stage.removable,
            removal_policy=self.removal,
        )
        is_ledger = owner == "ledger"
        table.add_global_secondary_index(
            index_name="gsi1",
            partition_key=dynamodb.Attribute(name="gsi1pk", type=string),
            sort_key=dynamodb.Attribute(name="gsi1sk", type=string),
            projection_type=dynamodb.ProjectionType.INCLUDE
            if is_ledger
            else dynamodb.ProjectionType.ALL,
            non_key_attributes=list(LINE_FIELDS) if is_ledger else None,
        )
        if table.table_stream_arn:
            # A stream's ARN has a time in it, so it cannot be named; an export would tie stacks.
            ssm.StringParameter(
                self,
                f"{owner.title()}Stream",
                parameter_name=self.stage.parameter(f"streams/{owner}"),
                string_value=table.table_stream_arn,
            )

    def _bucket(self) -> None:
        days = {"uploads": 1, "inputs": 1, "raw": 1, "results": self.stage.job_retention_days}
        bucket = s3.Bucket(
            self,
            "Files",
            bucket_name=self.stage.bucket_name,
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            removal_policy=self.removal,
            cors=self._uploads_from_the_web(),
            lifecycle_rules=[
                s3.LifecycleRule(
                    id=prefix,
                    prefix=f"{prefix}/",
                    expiration=Duration.days(kept),
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                )
                for prefix, kept in days.items()
            ],
        )
        accept(
            bucket,
            "AwsSolutions-S1",
            "Objects live a day to a month and every access goes through functions whose logs name "
            "the job; server access logs would outlive the files that they tell about.",
        )

    def _uploads_from_the_web(self) -> list[s3.CorsRule] | None:
        """Browsers post uploads to S3's own name; on a laptop that is the web's own."""
        if self.stage.serving != "cloud":
            return None
        methods = [s3.HttpMethods.POST]
        return [s3.CorsRule(allowed_methods=methods, allowed_origins=[self.stage.public_url])]

    def _topics_and_queues(self) -> None:
        self.undelivered = self._undelivered()
        completed = WorkQueue(self, self.stage, "completed", WORKER_TIMEOUT_S).queue
        for name in ("inference-succeeded", "inference-failed"):
            self._deliver(self._topic(name), completed)
        billing = WorkQueue(self, self.stage, "billing-events", WORKER_TIMEOUT_S).queue
        self._deliver(self._topic("events"), billing, "user.verified", "account.secured")
        WorkQueue(self, self.stage, "webhooks", WORKER_TIMEOUT_S)

    def _deliver(self, topic: sns.Topic, queue: sqs.Queue, *types: str) -> None:
        """The message as it was published; `types` picks by the attribute of that name."""
        wanted = {"type": sns.SubscriptionFilter.string_filter(allowlist=list(types))}
        topic.add_subscription(
            subscriptions.SqsSubscription(
                queue,
                raw_message_delivery=True,
                filter_policy=wanted if types else None,
                dead_letter_queue=self.undelivered,
            )
        )

    def _undelivered(self) -> sqs.Queue:
        undelivered = sqs.Queue(
            self,
            "Undelivered",
            queue_name=f"{self.stage.prefix}-undelivered",
            enforce_ssl=True,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            retention_period=Duration.days(RETENTION_DAYS),
            removal_policy=self.removal,
        )
        for rule in ("AwsSolutions-SQS3", "Serverless-SQSRedrivePolicy"):
            accept(undelivered, rule, "It is what topics and streams could not deliver.")
        return undelivered

    def _topic(self, name: str) -> sns.Topic:
        return sns.Topic(
            self,
            f"{name.title()}Topic",
            topic_name=f"{self.stage.prefix}-{name}",
            enforce_ssl=True,
        )

    def _root_secret(self) -> None:
        secret = secretsmanager.Secret(
            self,
            "Root",
            secret_name=self.stage.secret_name("root"),
            description="The stage's one secret; every other one is derived from it by purpose.",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=SECRET_CHARS, exclude_punctuation=True
            ),
            removal_policy=self.removal,
        )
        accept(
            secret,
            "AwsSolutions-SMG4",
            "Credentials, logins and persons are found by HMACs under this secret: to turn it is "
            "to lose them all, so no schedule may. See docs/operate.md.",
        )
