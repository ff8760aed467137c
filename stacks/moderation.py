"""The Bedrock guardrail that screens text in the cloud."""

import hashlib
import json
from typing import Final

from aws_cdk import App, RemovalPolicy
from aws_cdk import aws_bedrock as bedrock
from aws_cdk import aws_ssm as ssm

from stacks.config import Stage
from stacks.constructs.stack import StageStack

FILTERS: Final = ("HATE", "INSULTS", "SEXUAL", "VIOLENCE", "MISCONDUCT")
TOPICS: Final = {
    "political": "Campaigning for or against a party, candidate or government; propaganda.",
    "self-harm": "Encouraging, instructing or planning suicide, self-injury or disordered eating.",
    "illegal-goods": "Buying, selling or making illegal drugs, weapons, stolen or forged goods.",
    "minors": "Any sexual or suggestive content about, or sexual interest in, people under 18.",
    "intellectual-property": "Help to copy, crack or pass off protected works, software or brands.",
    "threats": "Threatening a person or group with violence, exposure or other serious harm.",
}
PERSONAL_DATA: Final = (
    "CREDIT_DEBIT_CARD_NUMBER",
    "US_SOCIAL_SECURITY_NUMBER",
    "INTERNATIONAL_BANK_ACCOUNT_NUMBER",
    "PASSWORD",
)
MESSAGE: Final = "Blocked by the content policy."


class ModerationStack(StageStack):
    def __init__(self, app: App, stage: Stage) -> None:
        super().__init__(app, stage, "moderation")
        guardrail = bedrock.CfnGuardrail(
            self,
            "Guardrail",
            name=stage.prefix,
            description="Screens prompts and answers; what its findings mean is Sluice's policy.",
            blocked_input_messaging=MESSAGE,
            blocked_outputs_messaging=MESSAGE,
            content_policy_config=bedrock.CfnGuardrail.ContentPolicyConfigProperty(
                filters_config=[_filter(name) for name in FILTERS]
            ),
            topic_policy_config=bedrock.CfnGuardrail.TopicPolicyConfigProperty(
                topics_config=[_topic(name, text) for name, text in TOPICS.items()]
            ),
            sensitive_information_policy_config=(
                bedrock.CfnGuardrail.SensitiveInformationPolicyConfigProperty(
                    pii_entities_config=[_personal_data(kind) for kind in PERSONAL_DATA]
                )
            ),
        )
        version = bedrock.CfnGuardrailVersion(
            self,
            "Version",
            guardrail_identifier=guardrail.attr_guardrail_id,
            description=f"settings {fingerprint()}",  # other settings, another version
        )
        # Functions ask for the version before until they are deployed themselves.
        version.apply_removal_policy(RemovalPolicy.RETAIN)
        kept = {"id": guardrail.attr_guardrail_id, "version": version.attr_version}
        for name, value in kept.items():
            ssm.StringParameter(
                self,
                f"Guardrail{name.title()}",
                parameter_name=stage.parameter(f"guardrail/{name}"),
                string_value=value,
            )


def fingerprint() -> str:
    """Of everything that the guardrail is told to look for."""
    settings = json.dumps([FILTERS, TOPICS, PERSONAL_DATA, MESSAGE])
    return hashlib.sha256(settings.encode()).hexdigest()[:12]


def _filter(name: str) -> bedrock.CfnGuardrail.ContentFilterConfigProperty:
    return bedrock.CfnGuardrail.ContentFilterConfigProperty(
        type=name, input_strength="HIGH", output_strength="HIGH"
    )


def _topic(name: str, definition: str) -> bedrock.CfnGuardrail.TopicConfigProperty:
    return bedrock.CfnGuardrail.TopicConfigProperty(name=name, definition=definition, type="DENY")


def _personal_data(kind: str) -> bedrock.CfnGuardrail.PiiEntityConfigProperty:
    return bedrock.CfnGuardrail.PiiEntityConfigProperty(type=kind, action="BLOCK")
