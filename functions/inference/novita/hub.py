"""GET /v3/model: the cards of models that make pictures, in the family's shape.

Its clients write filters dotted (`filter.types`) or in brackets (`filter[types]`), one of them says
`filter.type`, truth is `true` or `False`, and a cursor may carry its prefix twice.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from functions.inference.models import service as models
from functions.inference.novita.answers import HubModel, HubPage, HubPagination, ModelType
from sluice.catalog import Card
from sluice.errors import InvalidInput

TYPES: Final[Mapping[str, tuple[str, str]]] = {
    "text-to-image": ("checkpoint", "Checkpoint"),
    "image-to-image": ("checkpoint", "Checkpoint"),
    "inpainting": ("checkpoint", "Checkpoint"),
    "upscale": ("upscaler", "Upscaler"),
}
"""Of the tasks whose requests name a model."""
SOURCE: Final = "sluice"
DEFAULT_LIMIT, MAX_LIMIT = 20, 100
MAX_VALUE_CHARS: Final = 128
MAX_OFFSET_DIGITS: Final = 6
ID_BYTES: Final = 4
_BRACKETS = re.compile(r"^(filter|pagination)\[(\w+)\]$")
_CURSOR_PREFIX = "c_"
_SYNONYMS = {"filter.type": "filter.types"}
_TRUTH = {"true": True, "1": True, "false": False, "0": False}
_FILTERS: Mapping[str, Callable[[HubModel, str], bool]] = {
    "filter.visibility": lambda model, value: model.visibility == value,
    "filter.source": lambda model, value: model.source == value,
    "filter.types": lambda model, value: model.type.name in value.split(","),
    "filter.is_sdxl": lambda model, value: model.is_sdxl == _truth("filter.is_sdxl", value),
    "filter.is_inpainting": lambda model, value: (
        (model.base_model_type == "Inpainting") == _truth("filter.is_inpainting", value)
    ),
    "filter.query": lambda model, value: _mentions(model, value.lower()),
}


def list_models(query: Sequence[tuple[str, str]]) -> HubPage:
    """A page of models. Raises InvalidInput for a filter that nobody knows."""
    asked = _read(query)
    limit, offset = _limit(asked.pop("pagination.limit", "")), _offset(asked)
    found = [
        model
        for model in map(show, _cards())
        if all(_FILTERS[name](model, value) for name, value in asked.items())
    ]
    end = offset + limit
    cursor = f"{_CURSOR_PREFIX}{end}" if end < len(found) else ""
    return HubPage(models=found[offset:end], pagination=HubPagination(next_cursor=cursor))


def show(card: Card) -> HubModel:
    name, title = TYPES[card.task]
    base = str(card.raw.get("serving", {}).get("cloud", {}).get("model", ""))
    return HubModel(
        id=number_of(card),
        name=card.title,
        hash_sha256="",
        sd_name=card.id,
        sd_name_in_api=card.id,
        type=ModelType(name=name, display_name=title),
        categories=[card.task],
        status=1 if models.is_served(card) else 0,
        download_url="",
        download_url_ttl=0,
        tags=list(card.raw.get("aliases", ())),
        cover_url="",
        source=SOURCE,
        base_model=base,
        base_model_type="Inpainting" if card.task == "inpainting" else "Standard",
        is_sdxl="xl" in card.id.lower().split("-") or "sdxl" in card.id.lower(),
        is_nsfw=False,
        visibility="public",
    )


def number_of(card: Card) -> int:
    """The family's ids are numbers: one that a card's id always gives, positive in 32 bits."""
    digest = hashlib.sha256(card.id.encode()).digest()
    return int.from_bytes(digest[:ID_BYTES], "big") >> 1


def _cards() -> list[Card]:
    return [card for card in models.known_cards() if card.task in TYPES]


def _read(query: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The filters and the page that a query names, by their dotted names; other parameters mean
    nothing here. Empty values count as left out."""
    asked: dict[str, str] = {}
    for given, value in query:
        name = _BRACKETS.sub(r"\1.\2", given)
        name = _SYNONYMS.get(name, name)
        if not name.startswith(("filter.", "pagination.")) or value == "":
            continue
        if name not in _FILTERS and name not in ("pagination.limit", "pagination.cursor"):
            raise _refusal(name, "there is no such filter")
        asked[name] = value[:MAX_VALUE_CHARS]
    return asked


def _limit(value: str) -> int:
    if not value:
        return DEFAULT_LIMIT
    if not value.isdecimal() or not 0 < int(value[:MAX_OFFSET_DIGITS]) <= MAX_LIMIT:
        raise _refusal("pagination.limit", f"a number from 1 to {MAX_LIMIT}")
    return int(value)


def _offset(asked: dict[str, Any]) -> int:
    cursor = asked.pop("pagination.cursor", "")
    while cursor.startswith(_CURSOR_PREFIX):
        cursor = cursor.removeprefix(_CURSOR_PREFIX)
    digits = cursor or "0"
    if not digits.isdecimal() or len(digits) > MAX_OFFSET_DIGITS:
        raise _refusal("pagination.cursor", "not one of ours: begin with c_0")
    return int(digits)


def _truth(name: str, value: str) -> bool:
    known = _TRUTH.get(value.lower())
    if known is None:
        raise _refusal(name, "true or false")
    return known


def _mentions(model: HubModel, text: str) -> bool:
    return any(text in name.lower() for name in (model.sd_name, model.name, *model.tags))


def _refusal(name: str, why: str) -> InvalidInput:
    return InvalidInput(
        "The query does not fit.", errors=[{"pointer": f"/query/{name}", "message": why}]
    )
