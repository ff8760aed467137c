"""The bound on what a request consumes."""

import pytest

from sluice.catalog import get_card
from sluice.errors import InvalidInput
from sluice.units import worst_case_units

CHAT, EMBEDDING, UPSCALE = "smollm2-135m", "e5-small", "span-x4"


def turn(content: str) -> dict[str, str]:
    return {"role": "user", "content": content}


def test_a_chat_is_bounded_by_its_bytes_and_its_max_tokens() -> None:
    units = worst_case_units(
        get_card(CHAT), {"messages": [turn("né"), turn("ok")], "max_tokens": 7}
    )

    assert units == {"input_token": 64 + 2 * 16 + 3 + 2, "output_token": 7}


def test_a_chat_without_max_tokens_may_use_the_cards_most() -> None:
    units = worst_case_units(get_card(CHAT), {"messages": [turn("hi")]})

    assert units["output_token"] == get_card(CHAT).limits["max_output_tokens"]


def test_input_never_counts_for_more_than_the_context() -> None:
    units = worst_case_units(get_card(CHAT), {"messages": [turn("a" * 8000)] * 3})

    assert units["input_token"] == get_card(CHAT).limits["context_tokens"]


def test_a_character_that_normalization_unfolds_counts_unfolded() -> None:
    ligature = "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}"

    units = worst_case_units(get_card(EMBEDDING), {"input": ligature})

    assert len(ligature.encode()) == 3
    assert units["input_token"] == 16 + 33


def test_a_lone_surrogate_is_counted_not_refused() -> None:
    assert worst_case_units(get_card(EMBEDDING), {"input": "\ud800"})["input_token"] == 16 + 3


def test_each_text_of_an_embedding_has_its_own_bound() -> None:
    units = worst_case_units(get_card(EMBEDDING), {"input": ["ab", "x" * 5000]})

    assert units == {"input_token": 16 + 2 + get_card(EMBEDDING).limits["context_tokens"]}


def test_upscaling_counts_the_larger_picture() -> None:
    units = worst_case_units(get_card(UPSCALE), {"image": "…", "scale": 4}, picture_size=(30, 20))

    assert units == {"output_pixel": 30 * 20 * 16}


def test_upscaling_without_a_size_is_refused() -> None:
    with pytest.raises(InvalidInput, match="picture"):
        worst_case_units(get_card(UPSCALE), {"image": "…"})
