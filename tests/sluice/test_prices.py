"""Prices are exact; rounding happens once."""

from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.errors import InvalidInput
from sluice.money import as_json, usd
from sluice.prices import MAX_UNITS, Prices

rates = st.fixed_dictionaries(
    {
        unit: st.fixed_dictionaries({"nanos": st.integers(0, 10**12), "per": st.integers(1, 10**6)})
        for unit in ("input_token", "output_token", "output_pixel")
    }
)
counts = st.dictionaries(
    st.sampled_from(["input_token", "output_token", "output_pixel"]), st.integers(0, MAX_UNITS)
)


def of(units: dict[str, dict[str, int]]) -> Prices:
    return Prices.of({"version": 1, "units": units})


@given(rates, counts, st.randoms())
def test_a_charge_never_exceeds_the_hold_of_at_least_as_many_units(
    units: dict[str, dict[str, int]], most: dict[str, int], random: "st.DrawFn"
) -> None:
    prices = of(units)
    used = {unit: random.randint(0, count) for unit, count in most.items()}  # type: ignore[attr-defined]  # hypothesis gives a Random

    assert 0 <= prices.charge_nanos(used) <= prices.worst_case_nanos(most)


@given(rates, counts)
def test_a_charge_is_the_exact_sum_rounded_half_to_even_once(
    units: dict[str, dict[str, int]], used: dict[str, int]
) -> None:
    with localcontext(prec=200):
        exact = sum(
            (
                Decimal(units[unit]["nanos"]) * count / Decimal(units[unit]["per"])
                for unit, count in used.items()
            ),
            Decimal(0),
        )
        expected = int(exact.quantize(Decimal(1), ROUND_HALF_EVEN))

    assert of(units).charge_nanos(used) == expected


@pytest.mark.parametrize(("tokens", "charge"), [(1, 0), (3, 2), (5, 2), (7, 4)])
def test_halves_go_to_the_even_neighbour(tokens: int, charge: int) -> None:
    prices = of({"output_token": {"nanos": 1, "per": 2}})

    assert prices.charge_nanos({"output_token": tokens}) == charge
    assert prices.worst_case_nanos({"output_token": tokens}) == (tokens + 1) // 2


def test_two_units_of_half_a_nano_cost_one_and_not_none() -> None:
    prices = of({"input_token": {"nanos": 1, "per": 2}, "output_token": {"nanos": 1, "per": 2}})

    assert prices.charge_nanos({"input_token": 1, "output_token": 1}) == 1


def test_what_has_no_price_cannot_be_called() -> None:
    with pytest.raises(InvalidInput) as refusal:
        of({"input_token": {"nanos": 1, "per": 1}}).worst_case_nanos({"second": 1})

    assert refusal.value.machine_code == "unpriced_unit"


@pytest.mark.parametrize("count", [-1, MAX_UNITS + 1])
def test_a_count_that_means_nothing_is_refused(count: int) -> None:
    with pytest.raises(InvalidInput):
        of({"input_token": {"nanos": 1, "per": 1}}).charge_nanos({"input_token": count})


@given(st.integers(-(10**37), 10**37))
def test_money_is_written_in_two_exact_forms(nanos: int) -> None:
    written = as_json(nanos)

    with localcontext(prec=60):
        assert Decimal(written["usd"]) * 10**9 == nanos
    assert int(written["nanos"]) == nanos
    assert "e" not in written["usd"].lower()


@pytest.mark.parametrize(
    ("nanos", "text"), [(0, "0"), (1, "0.000000001"), (1_000_000, "0.001"), (10**10, "10")]
)
def test_dollars_are_written_without_trailing_zeros(nanos: int, text: str) -> None:
    assert usd(nanos) == text
