"""Chat completions: OpenAI's request as far as the models honour it, and its answer."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from functions.inference.jobs.job import Job
from functions.inference.openai.schemas import CardRequest, Label, Model, Strict, without_missing
from sluice import clock
from sluice.errors import InvalidInput

MAX_MESSAGES = 1_000
MAX_PARTS = 100


class TextPart(Strict):
    type: Literal["text"]
    text: str


class Message(Strict):
    """`developer` is another name of `system`."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str | Annotated[list[TextPart], Field(min_length=1, max_length=MAX_PARTS)]

    def as_input(self) -> dict[str, str]:
        role = "system" if self.role == "developer" else self.role
        if isinstance(self.content, str):
            return {"role": role, "content": self.content}
        return {"role": role, "content": "".join(part.text for part in self.content)}


class ChatRequest(CardRequest):
    """Not streamed, one answer, no tools."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "model": "smollm2-135m",
                    "messages": [{"role": "user", "content": "Write a haiku about a red apple."}],
                    "max_tokens": 64,
                }
            ]
        }
    )
    neutral: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "n": (1,),
        "stream": (False,),
        "logprobs": (False,),
        "top_logprobs": (0,),
        "frequency_penalty": (0,),
        "presence_penalty": (0,),
        "logit_bias": ({},),
        "response_format": ({"type": "text"},),
        "tools": ([],),
        "tool_choice": ("none", "auto"),
        "parallel_tool_calls": (True, False),
        "functions": ([],),
        "function_call": ("none", "auto"),
        "modalities": (["text"],),
        "metadata": ({},),
        "store": (False,),
        "service_tier": ("auto", "default"),
        "reasoning_effort": ("none",),
        "verbosity": ("medium",),
        "prompt_cache_retention": ("in_memory",),
    }

    model: Model
    messages: Annotated[list[Message], Field(min_length=1, max_length=MAX_MESSAGES)]
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: str | list[str] | None = None
    seed: int | None = None
    user: Label | None = None
    safety_identifier: Label | None = None
    prompt_cache_key: Label | None = None

    @property
    def bound(self) -> int | None:
        """The most tokens, by whichever name; raises InvalidInput for two that differ."""
        older, newer = self.max_tokens, self.max_completion_tokens
        if None not in (older, newer) and older != newer:
            raise InvalidInput(
                "`max_tokens` and `max_completion_tokens` mean the same here; send one of them.",
                code="unsupported_parameter",
                errors=[{"pointer": "/body/max_tokens", "message": "another is sent beside it"}],
            )
        return older if newer is None else newer

    def as_input(self) -> dict[str, Any]:
        """The chat task's input."""
        return without_missing(
            {
                "messages": [message.as_input() for message in self.messages],
                "max_tokens": self.bound,
                "temperature": self.temperature,
                "top_p": self.top_p,
                "stop": self.stop,
                "seed": self.seed,
            }
        )


class ChatUsage(BaseModel):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatMessage(BaseModel):
    role: Literal["assistant"]
    content: str
    refusal: None = None


class ChatChoice(BaseModel):
    index: int
    message: ChatMessage
    finish_reason: Literal["stop", "length"]
    logprobs: None = None


class ChatCompletion(BaseModel):
    id: str = Field(examples=["chatcmpl-job_0e3s"])
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[ChatChoice]
    usage: ChatUsage

    @classmethod
    def of(cls, job: Job, result: Mapping[str, Any]) -> Self:
        return cls(
            id=f"chatcmpl-{job.id}",
            created=job.created_ms // clock.MS_PER_S,
            model=job.model,
            choices=result["choices"],
            usage=result["usage"],
        )
