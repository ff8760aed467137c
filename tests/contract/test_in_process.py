"""Each operation is asked all that its description allows and much that it forbids: whatever comes
back is described, and nothing of it is a fault of ours."""

from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.contract import document
from tests.contract.asker import Asker

# The same operations stand under a second prefix.
TWICE = "^/v3/openai/"

quick = document.schema(max_examples=5).exclude(path_regex=TWICE)
thorough = document.schema(max_examples=50).exclude(path_regex=TWICE)
relaxed = settings(suppress_health_check=list(HealthCheck), deadline=None)


@quick.parametrize()
@relaxed
def test_no_answer_is_undescribed_and_none_is_our_fault(case: Any, asker: Asker) -> None:
    answer = asker.ask(case)

    document.judge(case, answer)


@pytest.mark.prove
@thorough.parametrize()
@relaxed
def test_none_is_of_many_more_either(case: Any, asker: Asker) -> None:
    answer = asker.ask(case)

    document.judge(case, answer)
