"""Sound in and out of the models that hear and speak: FFmpeg's codecs by way of PyAV.

In the cloud this file lies beside the code of the container that needs it.
"""

import io
import wave
from typing import Any

import av
import numpy as np

HEARING_HZ = 16_000
FORMATS = ("mp3", "wav", "flac", "ogg", "m4a")
TOLERANCE = 1.02
TOLERANCE_MS = 1_000
"""By how much a file may go on after the end that its header announced: encoders pad, and an MP3
without a table of contents is measured by its bit rate."""
MP3_BITS_PER_S = 64_000
BYTES_PER_SAMPLE = 2
CODECS = {"mp3": "mp3", "flac": "flac"}
DEMUXERS = {"m4a": "mp4"}
"""Where FFmpeg calls a format otherwise. It is always named: FFmpeg left to guess would also take
playlists, which name other files to read."""


class BadSoundError(Exception):
    """The client's fault; `code` is for machines."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def decode(data: bytes, kind: str, max_ms: int) -> Any:
    """The sound as 32-bit floats, mono, at 16 kHz. Raises BadSoundError when it cannot be decoded
    or lasts longer than announced; no more than that is ever decoded."""
    if kind not in FORMATS:
        raise BadSoundError("not_audio", f"format is one of {', '.join(FORMATS)}.")
    most = int((max_ms * TOLERANCE + TOLERANCE_MS) / 1000 * HEARING_HZ)
    parts: list[Any] = []
    heard = 0
    try:
        for part in _resampled(data, kind):
            parts.append(part)
            heard += len(part)
            if heard > most:
                raise BadSoundError(
                    "audio_longer_than_announced",
                    f"The file goes on after the {max_ms} ms that its header announces; save it "
                    "as WAV or FLAC.",
                )
    except (av.FFmpegError, ValueError, IndexError) as error:
        raise BadSoundError("not_audio", "The sound is damaged or cut off.") from error
    if not heard:
        raise BadSoundError("not_audio", "There is no sound in the file.")
    return np.concatenate(parts)


def _resampled(data: bytes, kind: str) -> Any:
    resampler = av.AudioResampler(format="flt", layout="mono", rate=HEARING_HZ)
    with av.open(io.BytesIO(data), format=DEMUXERS.get(kind, kind)) as container:
        for frame in container.decode(audio=0):
            for ready in resampler.resample(frame):
                yield ready.to_ndarray()[0]
        for ready in resampler.resample(None):
            yield ready.to_ndarray()[0]


def encode(samples: bytes, rate_hz: int, kind: str, tempo: float = 1) -> bytes:
    """16-bit mono samples as a file of `kind`: wav, mp3 or flac; `tempo` (0.5 to 2) makes it faster
    at the same pitch."""
    if tempo != 1:
        samples = _hurried(samples, rate_hz, tempo)
    out = io.BytesIO()
    if kind == "wav":
        with wave.open(out, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(BYTES_PER_SAMPLE)
            file.setframerate(rate_hz)
            file.writeframes(samples)
        return out.getvalue()
    with av.open(out, "w", format=kind) as container:
        stream = container.add_stream(CODECS[kind], rate=rate_hz, layout="mono")
        if kind == "mp3":
            stream.bit_rate = MP3_BITS_PER_S
        frame = _frame(samples, rate_hz)
        fitted = av.AudioResampler(format=stream.format, layout="mono", rate=rate_hz)
        for ready in [*fitted.resample(frame), *fitted.resample(None)]:
            container.mux(stream.encode(ready))
        container.mux(stream.encode(None))
    return out.getvalue()


def _frame(samples: bytes, rate_hz: int) -> Any:
    frame = av.AudioFrame.from_ndarray(
        np.frombuffer(samples, dtype=np.int16)[None], format="s16", layout="mono"
    )
    frame.sample_rate = rate_hz
    return frame


def _hurried(samples: bytes, rate_hz: int, tempo: float) -> bytes:
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=rate_hz, format="s16", layout="mono")
    steps = [source, graph.add("atempo", f"{tempo:.3f}"), graph.add("abuffersink")]
    graph.link_nodes(*steps).configure()
    graph.push(_frame(samples, rate_hz))
    graph.push(None)
    parts = []
    while True:
        try:
            parts.append(graph.pull().to_ndarray().tobytes())
        except (av.BlockingIOError, av.EOFError):
            return b"".join(parts)
