"""The auth service: its door, the outbox that tells the others, what tells the owners, and what
closes accounts."""

from typing import Final

from aws_cdk import App

from stacks import grants
from stacks.config import Stage
from stacks.constructs.function import ServiceFunction
from stacks.constructs.layers import layers
from stacks.constructs.stack import StageStack
from stacks.constructs.worker import every_hour, from_stream

API_TIMEOUT_S: Final = 29
OUTBOX_TIMEOUT_S: Final = 30
FOLLOWUPS_TIMEOUT_S: Final = 30
CLOSER_TIMEOUT_S: Final = 300
CLOSING_UPDATES: Final = ("USER#", "ACCOUNT#", "KEY#")
CLOSING_DELETES: Final = (
    *("USER#", "SESSION#", "PASSKEY#", "MEMBERS#", "INVITATIONS#", "INVITED#"),
    "IDENTITY#",
)
UPDATED: Final = (
    *("RATE#", "SIGNUP#", "USER#", "ACCOUNT#", "KEY#", "SESSION#", "TICKET#"),
    *("MEMBERS#",),
)
DELETED: Final = (
    *("SIGNUP#", "LOGIN#", "USER#", "SESSION#", "RESET#"),
    *("TICKET#", "CEREMONY#", "PASSKEY#"),
    *("MEMBERS#", "INVITATIONS#", "INVITED#"),
    *("IDENTITY#", "OAUTH#", "NEWCOMER#"),
)
"""Of the accounts table's items, whose keys stand in the `store.py` of each noun of auth."""
EVENTS_ONLY: Final = {"eventName": ["INSERT"], "dynamodb": {"Keys": {"sk": {"S": ["EVENT"]}}}}
NOTICES_ONLY: Final = {"eventName": ["INSERT"], "dynamodb": {"Keys": {"sk": {"S": ["NOTICE"]}}}}


class AuthStack(StageStack):
    def __init__(self, app: App, stage: Stage) -> None:
        super().__init__(app, stage, "auth")
        shared = layers(self, stage)
        environment = {
            "ACCOUNTS_TABLE": f"{stage.prefix}-accounts",
            "ROOT_SECRET_ID": stage.secret_name("root"),
            "PUBLIC_URL": stage.public_url,
            "MAIL_FROM": stage.mail_from,
        }
        ServiceFunction(
            self,
            stage,
            "auth",
            "api",
            layers=shared,
            environment=environment
            | stage.door_environment
            | stage.providers_environment
            | stage.challenge_environment,
            grants=[
                grants.read_table(stage, "accounts"),
                # What is put where nothing stands, and never updated or deleted, only grows: the
                # audit log.
                grants.put_items(stage, "accounts"),
                grants.update_items(stage, "accounts", *UPDATED),
                grants.delete_items(stage, "accounts", *DELETED),
                grants.check_items(stage, "accounts"),
                grants.read_secret(stage, "root"),
                *(grants.read_secret(stage, each.id) for each in stage.providers),
                *([grants.read_secret(stage, "challenge")] if stage.challenge else []),
                grants.send_mail(stage),
            ],
            timeout_s=API_TIMEOUT_S,
        )
        outbox = ServiceFunction(
            self,
            stage,
            "auth",
            "outbox",
            layers=shared,
            environment={"EVENTS_TOPIC_ARN": stage.topic_arn("events")},
            grants=[grants.publish(stage, "events")],
            timeout_s=OUTBOX_TIMEOUT_S,
        )
        from_stream(outbox, stage, outbox.function, outbox.role, table="accounts", only=EVENTS_ONLY)
        # Beside the outbox, so that events do not wait while mail is down.
        followups = ServiceFunction(
            self,
            stage,
            "auth",
            "followups",
            layers=shared,
            environment=environment,
            grants=[
                grants.send_mail(stage),
                grants.list_items(stage, "accounts"),
                grants.find_items(stage, "accounts"),
                grants.update_items(stage, "accounts", "ACCOUNT#", "KEY#"),
                grants.put_items(stage, "accounts", "AUDIT#"),
                grants.check_items(stage, "accounts"),
            ],
            timeout_s=FOLLOWUPS_TIMEOUT_S,
        )
        # Not more patient than the outbox: one mailbox that refuses must not hold up the others'.
        parts = (followups.function, followups.role)
        from_stream(followups, stage, *parts, table="accounts", only=NOTICES_ONLY)
        closer = ServiceFunction(
            self,
            stage,
            "auth",
            "closer",
            layers=shared,
            environment=environment,
            grants=[
                grants.read_table(stage, "accounts"),
                grants.put_items(stage, "accounts", "AUDIT#", "EVENT#", "NOTICE#"),
                grants.update_items(stage, "accounts", *CLOSING_UPDATES),
                grants.delete_items(stage, "accounts", *CLOSING_DELETES),
            ],
            timeout_s=CLOSER_TIMEOUT_S,
        )
        every_hour(closer, closer.function)
