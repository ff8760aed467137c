"""What a process imports only once it is asked for: what who sends jobs and fetches results does
without. Its models of requests and answers would be a third of every cold start of the API."""

from collections.abc import Sequence

from fastapi import APIRouter

from functions.inference.novita.family import FAMILIES as NOVITA
from functions.inference.openai.family import FAMILIES as OPENAI
from sluice.late import Late


def _uploads() -> Sequence[APIRouter]:
    from functions.inference.uploads.routes import router

    return [router]


def _models() -> Sequence[APIRouter]:
    from functions.inference.models.routes import router

    return [router]


def _webhooks() -> Sequence[APIRouter]:
    from functions.inference.webhooks.routes import router

    return [router]


def _openai() -> Sequence[APIRouter]:
    from functions.inference.openai.routes import routers

    return routers


def _novita() -> Sequence[APIRouter]:
    from functions.inference.novita.routes import router

    return [router]


ROUTES = (
    Late(("/v1/inference/uploads",), _uploads),
    Late(("/v1/inference/models",), _models),
    Late(("/v1/inference/webhooks", "/v1/inference/deliveries"), _webhooks),
    Late(OPENAI, _openai),
    Late(NOVITA, _novita),
)
"""In the order of the API document."""
