"""Stages are data: everything that differs between a laptop, a test account and production.

CDK is imported where a stack asks, because the local platform reads stages too, and CDK brings a
second of work and a Node process along.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal

from stacks import policies

if TYPE_CHECKING:
    from aws_cdk import App, Environment

DAY_S: Final = 24 * 3600
LOCAL_ACCOUNT: Final = "000000000000"


@dataclass(frozen=True, slots=True)
class SignInProvider:
    """By whom people may sign in. `url` is an OpenID provider's issuer, exactly as it says it;
    GitHub is none, and has `url` for its pages and `api`. The client's secret is the stage's secret
    of the provider's `id`."""

    id: str
    name: str
    kind: Literal["oidc", "github"]
    client_id: str
    url: str
    api: str = ""


@dataclass(frozen=True, slots=True)
class Challenge:
    """Who verifies that a person signs up: Turnstile, or whoever speaks as it does. The secret is
    the stage's secret `challenge`."""

    site_key: str
    url: str = "https://challenges.cloudflare.com/turnstile/v0/siteverify"
    script: str = "https://challenges.cloudflare.com/turnstile/v0/api.js"
    """The widget's; pages may run scripts and frames from where it is."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One deployment of the platform.

    `models` are switched on by id; a request that names none means the first that does its task.
    `serving` says which half of a model's card applies. A stage that is not `removable` keeps its
    tables and files when a stack is deleted. `concurrency` bounds each function's parallel
    invocations; None leaves that to the account. Where third-party packages lie `unpacked` beside
    the functions, those have no layer of them. Only on a laptop may `webhooks_reach_loopback`.
    """

    name: str
    serving: Literal["local", "cloud"]
    region: str
    public_url: str
    mail_from: str
    account: str | None = None
    models: tuple[str, ...] = ()
    domain: str | None = None
    certificate_arn: str | None = None
    alarm_email: str | None = None
    removable: bool = False
    unpacked: bool = False
    log_retention_days: int = 30
    job_retention_days: int = 30
    free_grant_nanos: int = 500_000_000
    free_grant_days: int = 90
    concurrency: int | None = None
    s3_public_url: str = ""
    webhooks_reach_loopback: bool = False
    guardrail: tuple[str, str] | None = None
    origin_secret_version: str | None = None
    providers: tuple[SignInProvider, ...] = ()
    challenge: Challenge | None = None
    extra_environment: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ValueError for a name of its own that browsers or CloudFront would refuse, for
        webhooks that would reach into the cloud's own machines, and for providers that are spoken
        to in the clear."""
        spoken_to = {each.id: each.url for each in self.providers}
        if self.challenge:
            spoken_to["challenge"] = self.challenge.url
            spoken_to["challenge's script"] = self.challenge.script
        clear = [name for name, url in spoken_to.items() if not url.startswith("https://")]
        if clear and self.serving != "local":
            raise ValueError(f"{self.name}: {', '.join(clear)} must be reached by https")
        if self.webhooks_reach_loopback and self.serving != "local":
            raise ValueError(f"{self.name}: webhooks reach loopback on local stages only")
        if (self.domain is None) != (self.certificate_arn is None):
            raise ValueError(f"{self.name}: a domain needs a certificate, and the reverse")
        if self.domain and self.public_url != f"https://{self.domain}":
            raise ValueError(f"{self.name}: public_url is not https://{self.domain}")

    @property
    def prefix(self) -> str:
        return f"sluice-{self.name}"

    @property
    def environment(self) -> "Environment":
        from aws_cdk import Environment

        return Environment(account=self.account, region=self.region)

    @property
    def bucket_name(self) -> str:
        return f"{self.prefix}-{self.account or _own_account()}-files"

    @property
    def web_bucket_name(self) -> str:
        return self.web_bucket_of(self.account or _own_account())

    def web_bucket_of(self, account: str) -> str:
        """Where the web's files are, by the account's number or a token of it."""
        return f"{self.prefix}-{account}-web"

    def arn(self, service: str, resource: str) -> str:
        """A regional resource of this stage's account, named so that no stack needs an export."""
        from aws_cdk import Aws

        return f"arn:{Aws.PARTITION}:{service}:{Aws.REGION}:{Aws.ACCOUNT_ID}:{resource}"

    def table_arn(self, owner: str) -> str:
        return self.arn("dynamodb", f"table/{self.prefix}-{owner}")

    def topic_arn(self, name: str) -> str:
        return self.arn("sns", f"{self.prefix}-{name}")

    def queue_arn(self, name: str) -> str:
        return self.arn("sqs", f"{self.prefix}-{name}")

    def queue_url(self, name: str) -> str:
        from aws_cdk import Aws

        host = f"sqs.{Aws.REGION}.{Aws.URL_SUFFIX}"
        return f"https://{host}/{Aws.ACCOUNT_ID}/{self.prefix}-{name}"

    def function_name(self, service: str, handler: str) -> str:
        return f"{self.prefix}-{service}-{handler}"

    def endpoint_name(self, model: str) -> str:
        return f"{self.prefix}-{model}"

    @property
    def providers_environment(self) -> dict[str, str]:
        """What auth knows of the providers; `functions/auth/providers/registry.py` reads it."""
        told = [asdict(each) | {"secret_id": self.secret_name(each.id)} for each in self.providers]
        return {"PROVIDERS": json.dumps(told)}

    @property
    def challenge_environment(self) -> dict[str, str]:
        """What auth knows of the verifier; `functions/auth/challenges/service.py` reads it."""
        if self.challenge is None:
            return {"CHALLENGE": ""}
        told = asdict(self.challenge) | {"secret_id": self.secret_name("challenge")}
        return {"CHALLENGE": json.dumps(told)}

    @property
    def door_environment(self) -> dict[str, str]:
        """Of each door: the header in which the edge writes the viewer's address (without an edge
        nobody may claim one), and the documents that its callers must have accepted."""
        header = "x-viewer-address" if self.serving == "cloud" else ""
        return {"VIEWER_ADDRESS_HEADER": header, "DOCUMENTS": json.dumps(policies.versions())}

    def secret_name(self, name: str) -> str:
        return f"{self.prefix}-{name}"

    def parameter(self, name: str) -> str:
        """Where a value that AWS makes up (a stream's ARN, an API's id) is kept for others."""
        return f"/{self.prefix}/{name}"


STAGES: Final[Mapping[str, Stage]] = {
    stage.name: stage
    for stage in (
        Stage(
            name="local",
            serving="local",
            account=LOCAL_ACCOUNT,
            region="us-east-1",
            public_url="http://localhost:8400",
            mail_from="no-reply@sluice.test",
            models=(
                "smollm2-135m",
                "e5-small",
                "span-x4",
                "sketch",
                "sketch-img2img",
                "sketch-inpaint",
                "style-lite",
                "whisper-tiny-en",
                "joe-piper",
            ),
            removable=True,
            unpacked=True,
            log_retention_days=7,
            concurrency=4,
            guardrail=("sluicelocal", "1"),
            webhooks_reach_loopback=True,
            providers=(
                SignInProvider("google", "Google", "oidc", "local", "http://localhost:8404"),
                SignInProvider("github", "GitHub", "github", "local", "http://localhost:8405"),
            ),
        ),
        Stage(
            name="dev",
            serving="cloud",
            region="us-east-1",
            public_url="https://dev.example.com",
            mail_from="no-reply@dev.example.com",
            removable=True,
            log_retention_days=7,
        ),
        Stage(
            name="prod",
            serving="cloud",
            region="us-east-1",
            public_url="https://example.com",
            mail_from="no-reply@example.com",
            log_retention_days=90,
        ),
    )
}


def _own_account() -> str:
    """Known to CloudFormation when it deploys."""
    from aws_cdk import Aws

    return Aws.ACCOUNT_ID


def get_stage(app: "App") -> Stage:
    """The stage named by the context (`-c stage=dev`), local by default.

    The local platform passes its addresses as `-c local={...}`: publicUrl, s3PublicUrl, the
    providers' by their ids, and the functions' extra environment. Anywhere else that is refused,
    since it would send a cloud stage's traffic to somebody's laptop.
    """
    name = app.node.try_get_context("stage") or "local"
    if name not in STAGES:
        raise ValueError(f"there is no stage {name!r}; stacks/config.py has {sorted(STAGES)}")
    stage = STAGES[name]
    given = app.node.try_get_context("local")
    if given is None:
        return stage
    if stage.serving != "local":
        raise ValueError("the context `local` is for local stages only")
    addresses = json.loads(given)
    return replace(
        stage,
        public_url=addresses["publicUrl"],
        s3_public_url=addresses["s3PublicUrl"],
        providers=tuple(
            replace(each, url=addresses["providers"][each.id], api=addresses["providers"][each.id])
            for each in stage.providers
        ),
        extra_environment=addresses["environment"],
    )
