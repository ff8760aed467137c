"""OpenAI's older completions: one prompt, one text."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from functions.inference.jobs.job import Job
from functions.inference.openai.schemas import CardRequest, Label, Model, without_missing
from sluice import clock


class CompletionRequest(CardRequest):
    """A prompt may stand in a list by itself; several prompts are several requests here."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"model": "my-model", "prompt": "Once upon a time"}]}
    )
    neutral: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "n": (1,),
        "best_of": (1,),
        "echo": (False,),
        "stream": (False,),
        "logprobs": (0,),
        "frequency_penalty": (0,),
        "presence_penalty": (0,),
        "logit_bias": ({},),
        "suffix": ("",),
    }

    model: Model
    prompt: str | Annotated[list[str], Field(min_length=1, max_length=1)]
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: str | list[str] | None = None
    seed: int | None = None
    user: Label | None = None

    def as_input(self) -> dict[str, Any]:
        """The completion task's input."""
        return without_missing(
            {
                "prompt": self.prompt if isinstance(self.prompt, str) else self.prompt[0],
                "max_tokens": self.max_tokens,
                "temperature": self.temperature,
                "top_p": self.top_p,
                "stop": self.stop,
                "seed": self.seed,
            }
        )


class CompletionUsage(BaseModel):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class CompletionChoice(BaseModel):
    index: int
    text: str
    finish_reason: Literal["stop", "length"]
    logprobs: None = None


class Completion(BaseModel):
    id: str = Field(examples=["cmpl-job_0e3s"])
    object: Literal["text_completion"] = "text_completion"
    created: int
    model: str
    choices: list[CompletionChoice]
    usage: CompletionUsage

    @classmethod
    def of(cls, job: Job, result: Mapping[str, Any]) -> Self:
        return cls(
            id=f"cmpl-{job.id}",
            created=job.created_ms // clock.MS_PER_S,
            model=job.model,
            choices=result["choices"],
            usage=result["usage"],
        )
