"""Screening of text by Bedrock Guardrails, in its answers' real shapes."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.stub import ANY, Stubber

from sluice import aws as clients
from sluice.errors import PayloadTooLarge, ScreeningUnavailable
from sluice.moderation import MAX_TEXT_CHARS, Source, screen_text
from sluice.moderation.screen import MAX_CALL_CHARS, OVERLAP_CHARS
from tests.stage import Stage

GUARDRAIL = "sluicelocal"
USAGE = {
    "topicPolicyUnits": 1,
    "contentPolicyUnits": 1,
    "wordPolicyUnits": 1,
    "sensitiveInformationPolicyUnits": 1,
    "sensitiveInformationPolicyFreeUnits": 0,
    "contextualGroundingPolicyUnits": 0,
}

type Answer = dict[str, Any]


def content_filter(
    kind: str, confidence: str = "NONE", *, action: str = "NONE", detected: bool | None = None
) -> dict[str, Any]:
    seen = action != "NONE" if detected is None else detected
    return {
        "type": kind,
        "confidence": confidence,
        "filterStrength": "HIGH",
        "action": action,
        "detected": seen,
    }


def answer(*filters: Mapping[str, Any], action: str | None = None, **policies: Any) -> Answer:
    """What ApplyGuardrail answers with output scope FULL: every filter, detected or not."""
    named = {entry["type"]: entry for entry in filters}
    kinds = ("INSULTS", "HATE", "SEXUAL", "VIOLENCE", "MISCONDUCT", "PROMPT_ATTACK")
    entries = [named.get(kind, content_filter(kind)) for kind in kinds]
    lists = [entry for policy in policies.values() for part in policy.values() for entry in part]
    acted = any(entry["action"] != "NONE" for entry in [*entries, *lists])
    return {
        "usage": USAGE,
        "action": action or ("GUARDRAIL_INTERVENED" if acted else "NONE"),
        "outputs": [{"text": "Sorry."}] if acted else [],
        "assessments": [{"contentPolicy": {"filters": entries}, **policies}],
    }


@pytest.fixture
def detectors(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings alone: nothing here needs a stage."""
    for name in ("GUARDRAIL_ID", "GUARDRAIL_VERSION"):
        monkeypatch.setenv(name, Stage().environment()[name])


@pytest.fixture
def guardrail(detectors: None) -> Iterator[Stubber]:
    with Stubber(clients.client("bedrock-runtime")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def answers(guardrail: Stubber) -> Callable[[Answer], None]:
    def queue(given: Answer) -> None:
        guardrail.add_response("apply_guardrail", given)

    return queue


def test_harmless_text_is_allowed_and_says_what_nobody_looked_for(guardrail: Stubber) -> None:
    guardrail.add_response(
        "apply_guardrail",
        answer(),
        {
            "guardrailIdentifier": GUARDRAIL,
            "guardrailVersion": "1",
            "source": "INPUT",
            "content": [{"text": {"text": "A haiku about a red apple."}}],
            "outputScope": "FULL",
        },
    )

    verdict = screen_text("A haiku about a red apple.", Source.INPUT)

    assert (verdict.action, verdict.findings) == ("allow", ())
    assert verdict.policy == "2026-11-01"
    assert verdict.detector == "guardrail:sluicelocal:1"
    assert "intellectual_property" in verdict.unscreened


def test_a_blocked_filter_blocks_its_category(answers: Callable[[Answer], None]) -> None:
    answers(answer(content_filter("SEXUAL", "HIGH", action="BLOCKED")))

    verdict = screen_text("…", Source.OUTPUT)

    assert verdict.action == "block"
    assert [(f.category, f.action, f.score) for f in verdict.findings] == [
        ("pornography", "block", "HIGH")
    ]


def test_a_category_that_the_policy_only_flags_is_flagged(
    answers: Callable[[Answer], None],
) -> None:
    answers(answer(content_filter("INSULTS", "HIGH", action="BLOCKED")))

    assert screen_text("…", Source.INPUT).action == "flag"


def test_what_a_filter_only_watches_is_flagged(answers: Callable[[Answer], None]) -> None:
    answers(answer(content_filter("VIOLENCE", "MEDIUM", detected=True)))

    assert screen_text("…", Source.INPUT).action == "flag"


def test_minors_are_blocked_by_the_faintest_detection(answers: Callable[[Answer], None]) -> None:
    topic = {"name": "minors", "type": "DENY", "action": "NONE", "detected": True}
    answers(answer(topicPolicy={"topics": [topic]}))

    verdict = screen_text("…", Source.INPUT)

    assert verdict.action == "block"
    assert verdict.findings[0].category == "minors"


def test_topics_are_named_by_category_in_any_spelling(answers: Callable[[Answer], None]) -> None:
    topic = {"name": "Self-Harm", "type": "DENY", "action": "BLOCKED", "detected": True}
    answers(answer(topicPolicy={"topics": [topic]}))

    assert screen_text("…", Source.INPUT).findings[0].category == "self_harm"


def test_private_data_and_word_lists_are_mapped(answers: Callable[[Answer], None]) -> None:
    entity = {"match": "…", "type": "EMAIL", "action": "ANONYMIZED", "detected": True}
    word = {"match": "…", "type": "PROFANITY", "action": "BLOCKED", "detected": True}
    answers(
        answer(
            sensitiveInformationPolicy={"piiEntities": [entity], "regexes": []},
            wordPolicy={"customWords": [], "managedWordLists": [word]},
        )
    )

    verdict = screen_text("…", Source.INPUT)

    assert {f.category for f in verdict.findings} == {"privacy", "harassment"}
    assert verdict.action == "flag"


def test_an_attack_on_the_prompt_is_no_forbidden_content(
    answers: Callable[[Answer], None],
) -> None:
    answers(answer(content_filter("PROMPT_ATTACK", "HIGH", detected=True)))

    assert screen_text("…", Source.INPUT).action == "allow"


def test_a_long_text_goes_in_overlapping_parts_and_any_of_them_can_block(
    guardrail: Stubber,
) -> None:
    text = "".join(chr(97 + n // 100 % 26) for n in range(MAX_CALL_CHARS + 1_000))
    for part, given in (
        (text[:MAX_CALL_CHARS], answer()),
        (
            text[MAX_CALL_CHARS - OVERLAP_CHARS :],
            answer(content_filter("HATE", "HIGH", action="BLOCKED")),
        ),
    ):
        expected = {
            "guardrailIdentifier": GUARDRAIL,
            "guardrailVersion": "1",
            "source": ANY,
            "content": [{"text": {"text": part}}],
            "outputScope": "FULL",
        }
        guardrail.add_response("apply_guardrail", given, expected)

    assert screen_text(text, Source.INPUT).action == "block"


def test_an_empty_text_says_nothing_and_costs_no_call(guardrail: Stubber) -> None:
    assert screen_text(" \n", Source.OUTPUT).action == "allow"


def test_a_text_beyond_the_bound_is_refused(guardrail: Stubber) -> None:
    with pytest.raises(PayloadTooLarge):
        screen_text("a" * (MAX_TEXT_CHARS + 1), Source.INPUT)


@pytest.mark.parametrize(
    "code",
    [
        "ThrottlingException",
        "ServiceUnavailableException",
        "InternalServerException",
        "AccessDeniedException",
        "ValidationException",
        "ResourceNotFoundException",
    ],
)
def test_a_refusal_is_never_an_allow(guardrail: Stubber, code: str) -> None:
    guardrail.add_client_error("apply_guardrail", code)

    with pytest.raises(ScreeningUnavailable):
        screen_text("…", Source.INPUT)


def test_a_time_out_is_never_an_allow(detectors: None) -> None:
    _break(ReadTimeoutError(endpoint_url="https://guardrail"))

    with pytest.raises(ScreeningUnavailable):
        screen_text("…", Source.INPUT)


def _break(error: Exception) -> None:
    def fail(**_: Any) -> None:
        raise error

    clients.client("bedrock-runtime").meta.events.register_first("before-send", fail)


BAD = {
    "no assessment": answer() | {"assessments": []},
    "an empty assessment": answer() | {"assessments": [{}]},
    "no content filter": answer() | {"assessments": [{"contentPolicy": {"filters": []}}]},
    "an intervention without a reason": answer(action="GUARDRAIL_INTERVENED"),
    "an unknown filter": answer()
    | {"assessments": [{"contentPolicy": {"filters": [content_filter("SARCASM")]}}]},
    "an unknown topic": answer(
        topicPolicy={
            "topics": [{"name": "knitting", "type": "DENY", "action": "NONE", "detected": False}]
        }
    ),
    "an unknown action": answer(content_filter("HATE", action="SHRUGGED")),
    "an unknown verdict": answer(action="MAYBE"),
    "a part of the text": answer()
    | {
        "assessments": [
            {
                "contentPolicy": {"filters": [content_filter("HATE")]},
                "invocationMetrics": {
                    "guardrailCoverage": {"textCharacters": {"guarded": 10, "total": 20}}
                },
            }
        ]
    },
}


@pytest.mark.parametrize("given", BAD.values(), ids=BAD)
def test_an_answer_that_cannot_be_relied_on_is_never_an_allow(
    answers: Callable[[Answer], None], given: Answer
) -> None:
    answers(given)

    with pytest.raises(ScreeningUnavailable):
        screen_text("…", Source.INPUT)
