"""Identifiers: sortable, unguessable, or the same for ever."""

from hypothesis import given
from hypothesis import strategies as st

from sluice import ids
from tests.replaced import ManualClock, SeededRandom


def test_ids_sort_by_age(clock: ManualClock) -> None:
    made = []
    for _ in range(50):
        made.append(ids.new("job"))
        clock.advance(0.001)

    assert made == sorted(made)
    assert len(set(made)) == 50


def test_an_id_fits_where_sagemaker_wants_a_name() -> None:
    assert all(len(ids.new(prefix)) <= 32 for prefix in ("job", "upl", "evt"))
    assert all(character.isalnum() or character == "_" for character in ids.new("job"))


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_a_derived_id_is_its_parts_and_nothing_else(one: list[str], other: list[str]) -> None:
    assert (ids.derive("job", *one) == ids.derive("job", *other)) == (one == other)


def test_parts_cannot_run_together() -> None:
    assert ids.derive("job", "ab", "c") != ids.derive("job", "a", "bc")


def test_a_seed_repeats(clock: ManualClock, seeded: SeededRandom) -> None:
    first = ids.new("job")

    ids.current = SeededRandom(1)

    assert ids.new("job") == first


def test_an_id_derived_at_a_moment_repeats_and_sorts_among_new_ones(clock: ManualClock) -> None:
    before = ids.new("dlv")
    clock.advance(1)
    derived = ids.derive_at("dlv", clock.now_ms(), "job", "receiver")
    clock.advance(1)
    after = ids.new("dlv")

    assert before < derived < after
    assert derived == ids.derive_at("dlv", clock.now_ms() - 1000, "job", "receiver")
    assert derived != ids.derive_at("dlv", clock.now_ms() - 1000, "jobr", "eceiver")
    assert derived.startswith(ids.beginning_at("dlv", clock.now_ms() - 1000))
    assert not after.startswith(ids.beginning_at("dlv", clock.now_ms() - 1000))
