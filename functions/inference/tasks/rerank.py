"""rerank: the container reads `{query, documents, top_n}` as Cohere's and Jina's clients write it,
and answers documents' places by relevance."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from functions.inference.tasks import outputs, texts
from functions.inference.tasks.task import MalformedOutput, Prepared, Produced
from sluice.catalog import Card
from sluice.schema import with_defaults
from sluice.units import worst_case_units


def prepare(card: Card, given: Mapping[str, Any], account: str) -> Prepared:
    body = with_defaults(card, given)
    texts.check_size(card, [body["query"], *body["documents"]])
    units = worst_case_units(card, body)
    # The model reads every document, however few are asked back.
    facts = {"search_document": units["search_document"], "documents": len(body["documents"])}
    return Prepared(json.dumps({"model": card.id} | body).encode(), units, facts)


def within(card: Card, given: Mapping[str, Any], nanos: int) -> Mapping[str, Any] | None:
    return None


def to_screen(payload: bytes) -> Sequence[str | bytes]:
    body = json.loads(payload)
    return ["\n".join([body["query"], *body["documents"]])]


def interpret(card: Card, output: bytes, facts: Mapping[str, int]) -> Produced:
    answer = outputs.read(card, output)
    try:
        results = [
            {"index": entry["index"], "relevance_score": entry["relevance_score"]}
            for entry in answer["results"]
        ]
    except (KeyError, TypeError) as error:
        raise MalformedOutput(card.id) from error
    result = outputs.conforming(card, {"results": results})
    places = [entry["index"] for entry in results]
    if len(set(places)) != len(places) or any(place >= facts["documents"] for place in places):
        raise MalformedOutput(card.id)
    return Produced(usage={"search_document": facts["search_document"]}, result=result)
