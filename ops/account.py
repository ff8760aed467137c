"""What a real AWS account must have before a stage works in it, each as one question to AWS.

A question is a function from a session and the stage's needs to findings. None of them writes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import boto3
from botocore.exceptions import BotoCoreError, ClientError

State = Literal["ok", "missing", "unknown"]

BOOTSTRAP_VERSION: Final = 21  # what the pinned CDK CLI asks of an environment
CONCURRENCY: Final = 200  # new accounts get 10, which one burst of sign-ins exhausts
CERTIFICATE_REGION: Final = "us-east-1"  # CloudFront reads certificates only there
MAX_PAGES: Final = 50
MAX_IDENTITIES: Final = 1000  # one page, the most that SES gives


@dataclass(frozen=True, slots=True)
class Needs:
    """What the stage asks of its account.

    `instances`: SageMaker instance type -> how many the switched-on models use at most.
    `mail_from`, `domain`: None where the stage sends no mail or has no name of its own.
    """

    stage: str
    region: str
    instances: Mapping[str, int] = field(default_factory=dict)
    mail_from: str | None = None
    domain: str | None = None

    @property
    def prefix(self) -> str:
        return f"sluice-{self.stage}"


@dataclass(frozen=True, slots=True)
class Finding:
    """`remedy` says what to do where `state` is not ok."""

    state: State
    what: str
    detail: str
    remedy: str = ""


type Question = Callable[[boto3.Session, Needs], Iterator[Finding]]


def bootstrap(session: boto3.Session, needs: Needs) -> Iterator[Finding]:
    remedy = f"npx cdk bootstrap aws://ACCOUNT/{needs.region}"
    ssm = session.client("ssm", region_name=needs.region)
    try:
        parameter = ssm.get_parameter(Name="/cdk-bootstrap/hnb659fds/version")["Parameter"]
    except ssm.exceptions.ParameterNotFound:
        yield Finding("missing", "CDK bootstrap", "the region is not bootstrapped", remedy)
        return
    version = int(parameter.get("Value", "0"))
    state: State = "ok" if version >= BOOTSTRAP_VERSION else "missing"
    yield Finding(state, "CDK bootstrap", f"version {version}, needs {BOOTSTRAP_VERSION}", remedy)


def lambda_concurrency(session: boto3.Session, needs: Needs) -> Iterator[Finding]:
    settings = session.client("lambda", region_name=needs.region).get_account_settings()
    granted = settings.get("AccountLimit", {}).get("ConcurrentExecutions", 0)
    state: State = "ok" if granted >= CONCURRENCY else "missing"
    remedy = "Service Quotas, AWS Lambda, Concurrent executions: ask for 1000"
    yield Finding(state, "Lambda concurrency", f"{granted}, needs {CONCURRENCY}", remedy)


def gpu_quotas(session: boto3.Session, needs: Needs) -> Iterator[Finding]:
    if not needs.instances:
        yield Finding("ok", "GPU quotas", "no model is switched on in this stage")
        return
    wanted = {f"{kind} for endpoint usage": count for kind, count in needs.instances.items()}
    granted = dict.fromkeys(wanted, 0)
    quotas = session.client("service-quotas", region_name=needs.region)
    pages = quotas.get_paginator("list_service_quotas").paginate(
        ServiceCode="sagemaker", PaginationConfig={"MaxItems": MAX_PAGES * 100, "PageSize": 100}
    )
    for page in pages:
        for quota in page["Quotas"]:
            if quota.get("QuotaName") in granted:
                granted[quota["QuotaName"]] = int(quota.get("Value", 0))
    for name, count in wanted.items():
        state: State = "ok" if granted[name] >= count else "missing"
        remedy = f"Service Quotas, Amazon SageMaker, {name}: ask for {count}; it takes days"
        yield Finding(state, "SageMaker quota", f"{name}: {granted[name]}, needs {count}", remedy)


def mail(session: boto3.Session, needs: Needs) -> Iterator[Finding]:
    if needs.mail_from is None:
        yield Finding("ok", "mail", "the stage sends none")
        return
    ses = session.client("sesv2", region_name=needs.region)
    account = ses.get_account()
    out = account.get("ProductionAccessEnabled", False) and account.get("SendingEnabled", False)
    remedy = "SES, Account dashboard, Request production access"
    detail = "production access" if out else "SES is in its sandbox: only verified people get mail"
    yield Finding("ok" if out else "missing", "mail sandbox", detail, remedy)
    yield _sender(
        ses.list_email_identities(PageSize=MAX_IDENTITIES)["EmailIdentities"], needs.mail_from
    )


def _sender(identities: Iterable[Mapping[str, object]], mail_from: str) -> Finding:
    able = {identity.get("IdentityName") for identity in identities if identity["SendingEnabled"]}
    if {mail_from, mail_from.rpartition("@")[2]} & able:
        return Finding("ok", "mail sender", f"{mail_from} may send")
    remedy = f"SES, Identities: verify {mail_from.rpartition('@')[2]}"
    return Finding("missing", "mail sender", f"{mail_from} is not verified", remedy)


def moderation(session: boto3.Session, needs: Needs) -> Iterator[Finding]:
    remedy = "choose a region that has both Bedrock Guardrails and Rekognition"
    for service in ("bedrock", "rekognition"):
        if needs.region not in session.get_available_regions(service):
            yield Finding("missing", "moderation", f"no {service} in {needs.region}", remedy)
    session.client("bedrock", region_name=needs.region).list_guardrails(maxResults=1)
    yield Finding("ok", "moderation", f"Bedrock Guardrails answers in {needs.region}")


def certificate(session: boto3.Session, needs: Needs) -> Iterator[Finding]:
    if needs.domain is None:
        yield Finding("ok", "domain", "the stage uses CloudFront's own name")
        return
    acm = session.client("acm", region_name=CERTIFICATE_REGION)
    pages = acm.get_paginator("list_certificates").paginate(
        CertificateStatuses=["ISSUED"], PaginationConfig={"MaxItems": MAX_PAGES * 100}
    )
    named = {name for page in pages for name in _names(page["CertificateSummaryList"])}
    parent = f"*.{needs.domain.partition('.')[2]}"
    state: State = "ok" if {needs.domain, parent} & named else "missing"
    detail = f"for {needs.domain} in {CERTIFICATE_REGION}"
    yield Finding(state, "certificate", detail, "Certificate Manager: request one there, by DNS")


def _names(certificates: Iterable[Mapping[str, object]]) -> Iterator[object]:
    for certificate in certificates:
        yield certificate.get("DomainName")


def first_operator(session: boto3.Session, needs: Needs) -> Iterator[Finding]:
    database = session.client("dynamodb", region_name=needs.region)
    remedy = f"sluicectl operators appoint --stage {needs.stage} USER"
    try:
        answer = database.query(
            TableName=f"{needs.prefix}-accounts",
            KeyConditionExpression="pk = :operators",
            FilterExpression="attribute_not_exists(dismissed_ms)",
            ExpressionAttributeValues={":operators": {"S": "OPERATORS"}},
        )
    except database.exceptions.ResourceNotFoundException:
        yield Finding("missing", "first operator", "the stage is not deployed yet", remedy)
        return
    state: State = "ok" if answer["Items"] else "missing"
    yield Finding(state, "first operator", f"{len(answer['Items'])} in office", remedy)


QUESTIONS: Final[tuple[Question, ...]] = (
    bootstrap,
    lambda_concurrency,
    gpu_quotas,
    mail,
    moderation,
    certificate,
    first_operator,
)


def ask(question: Question, session: boto3.Session, needs: Needs) -> list[Finding]:
    """The question's findings; one that AWS refuses to answer is itself a finding."""
    try:
        return list(question(session, needs))
    except (BotoCoreError, ClientError) as error:
        name = question.__name__.replace("_", " ")
        return [Finding("unknown", name, str(error)[:300], "ask with a role that may read this")]
