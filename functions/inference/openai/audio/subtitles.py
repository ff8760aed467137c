"""Transcripts as SubRip (.srt) and WebVTT files."""

from collections.abc import Iterable, Mapping
from typing import Any

from sluice import clock

_S_PER_MINUTE, _MINUTES_PER_HOUR = 60, 60


def srt(segments: Iterable[Mapping[str, Any]]) -> str:
    """`segments` are `{start, end, text}` in seconds."""
    return "\n".join(
        f"{number}\n{_times(segment, ',')}\n{_line(segment)}\n"
        for number, segment in enumerate(segments, start=1)
    )


def vtt(segments: Iterable[Mapping[str, Any]]) -> str:
    cues = (f"{_times(segment, '.')}\n{_line(segment)}\n" for segment in segments)
    return "\n".join(["WEBVTT\n", *cues])


def _line(segment: Mapping[str, Any]) -> str:
    """In one line and without the arrow, since an empty line or an arrow would begin a cue."""
    return " ".join(segment["text"].split()).replace("-->", "->")


def _times(segment: Mapping[str, Any], decimal: str) -> str:
    return f"{_time(segment['start'], decimal)} --> {_time(segment['end'], decimal)}"


def _time(seconds: float, decimal: str) -> str:
    whole_s, ms = divmod(round(seconds * clock.MS_PER_S), clock.MS_PER_S)
    whole_minutes, s = divmod(whole_s, _S_PER_MINUTE)
    hours, minutes = divmod(whole_minutes, _MINUTES_PER_HOUR)
    return f"{hours:02d}:{minutes:02d}:{s:02d}{decimal}{ms:03d}"
