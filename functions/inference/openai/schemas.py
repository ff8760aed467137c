"""What all of OpenAI's requests have in common: unknown to us is not ignored."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from functions.inference import nulls

MAX_MODEL_CHARS = 128
MAX_LABEL_CHARS = 512

Model = Annotated[str, Field(min_length=1, max_length=MAX_MODEL_CHARS)]
Label = Annotated[
    str,
    Field(max_length=MAX_LABEL_CHARS, description="A label of the caller's; it has no effect."),
]


class Strict(BaseModel):
    """Fields that are null count as left out; types are not guessed; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def without_nulls(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {name: value for name, value in given.items() if value is not None}

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> Any:
        """The API's document tells that nulls are taken."""
        return nulls.told(handler.resolve_ref_schema(handler(core_schema)))


class CardRequest(Strict):
    """A request whose further fields are the model's own: what its card does not know is refused
    by name later. `neutral` holds those of OpenAI's fields that we need not know, with the values
    that ask for nothing."""

    model_config = ConfigDict(extra="allow")

    neutral: ClassVar[Mapping[str, tuple[Any, ...]]] = {}

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> Any:
        """Neutral fields are told to the readers of the API's document."""
        schema = super().__get_pydantic_json_schema__(core_schema, handler)
        for name, values in cls.neutral.items():
            schema["properties"][name] = {
                "description": "Refused unless it asks for nothing, as in the examples, or the "
                "model's card takes it.",
                "examples": list(values),
            }
        return schema

    @property
    def further(self) -> dict[str, Any]:
        """The model's own fields: all that are neither ours nor without meaning."""
        return {
            name: value
            for name, value in (self.model_extra or {}).items()
            if not any(_is_same(value, nothing) for nothing in self.neutral.get(name, ()))
        }


def _is_same(value: Any, nothing: Any) -> bool:
    """In JSON's eyes: 0 and 0.0 are, 0 and false are not."""
    return value == nothing and isinstance(value, bool) == isinstance(nothing, bool)


def without_missing(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}
