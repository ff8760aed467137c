"""What nobody heard of is found by the clock. Last in the folder's order, since it takes time."""

import time

import pytest

from local.bill import add_up
from tests.e2e.product import Person, end_of

pytestmark = pytest.mark.xdist_group("platform")

HEALED_WITHIN_S = 180
"""A minute of silence, a minute between two sweeps, and a busy machine."""


def test_a_lost_notice_is_made_up_for(unheard: tuple[str, float], stranger: Person) -> None:
    job, sent = unheard

    ended = end_of(stranger.program, job, HEALED_WITHIN_S - (time.monotonic() - sent))

    assert ended["status"] == "succeeded"
    assert len(ended["result"]["data"][0]["embedding"]) == 384
    bill = add_up(stranger.program)
    assert bill.charged_nanos == int(ended["price"]["charged"]["nanos"]) > 0
    assert bill.held_nanos == 0
