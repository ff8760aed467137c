"""The bound on what a request consumes."""

import pytest

from sluice.catalog import get_card
from sluice.errors import InvalidInput
from sluice.units import Media, worst_case_units

CHAT, EMBEDDING, UPSCALE = "smollm2-135m", "e5-small", "span-x4"


def turn(content: str) -> dict[str, str]:
    return {"role": "user", "content": content}


def test_a_chat_is_bounded_by_its_bytes_and_its_max_tokens() -> None:
    units = worst_case_units(
        get_card(CHAT), {"messages": [turn("né"), turn("ok")], "max_tokens": 7}
    )

    assert units == {"request": 1, "input_token": 64 + 2 * 16 + 3 + 2, "output_token": 7}


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

    longest = get_card(EMBEDDING).limits["context_tokens"]
    assert units == {"request": 1, "input_token": 16 + 2 + longest}


def test_upscaling_counts_the_larger_picture() -> None:
    given = {"image": "…", "scale": 4}
    units = worst_case_units(get_card(UPSCALE), given, Media(picture=(30, 20)))

    assert units == {"request": 1, "output_pixel": 30 * 20 * 16}


def test_upscaling_without_a_size_is_refused() -> None:
    with pytest.raises(InvalidInput, match="picture"):
        worst_case_units(get_card(UPSCALE), {"image": "…"})


def test_sampled_pictures_count_by_picture_and_by_the_steps_of_each_pixel() -> None:
    given = {"prompt": "a", "width": 512, "height": 256, "n": 3, "steps": 20}

    units = worst_case_units(get_card("sdxl"), given)

    pixel_steps = 3 * 512 * 256 * 20
    assert units == {"request": 1, "output_image": 3, "output_pixel_step": pixel_steps}


def test_a_picture_made_from_another_is_as_large_as_it() -> None:
    given = {"prompt": "a", "image": "…", "n": 1, "steps": 10}

    units = worst_case_units(get_card("sdxl-img2img"), given, Media(picture=(300, 400)))

    assert units["output_pixel_step"] == 300 * 400 * 10


def test_sound_counts_by_its_milliseconds_and_speech_by_its_characters() -> None:
    heard = worst_case_units(get_card("whisper-tiny-en"), {"audio": "…"}, Media(audio_ms=1_250))
    said = worst_case_units(get_card("joe-piper"), {"text": "Grüße"})

    assert heard == {"request": 1, "input_millisecond": 1_250}
    assert said == {"request": 1, "input_character": 5}


def test_sound_of_unknown_length_is_refused() -> None:
    with pytest.raises(InvalidInput, match="audio"):
        worst_case_units(get_card("whisper-tiny-en"), {"audio": "…"})


def test_a_document_counts_once_for_each_begun_thousand_bytes() -> None:
    given = {"query": "q", "documents": ["a", "b" * 1_000, "c" * 1_001]}

    units = worst_case_units(get_card("bge-reranker-v2-m3"), given)

    assert units == {"request": 1, "search_document": 1 + 1 + 2}


def test_a_completion_is_bounded_like_a_chat() -> None:
    units = worst_case_units(get_card("qwen2-5-7b-base"), {"prompt": "abc", "max_tokens": 9})

    assert units == {"request": 1, "input_token": 16 + 3, "output_token": 9}
