"""What a process imports only once it is asked for: the compatible families, and webhooks. Their
models of requests and answers would be a third of every cold start of the API."""

from collections.abc import Sequence

from fastapi import APIRouter

from functions.inference.novita.family import FAMILIES as NOVITA
from functions.inference.openai.family import FAMILIES as OPENAI
from sluice.late import Late

WEBHOOKS = ("/v1/inference/webhooks", "/v1/inference/deliveries")


def _openai() -> Sequence[APIRouter]:
    from functions.inference.openai.routes import routers

    return routers


def _novita() -> Sequence[APIRouter]:
    from functions.inference.novita.routes import router

    return [router]


def _webhooks() -> Sequence[APIRouter]:
    from functions.inference.webhooks.routes import router

    return [router]


ROUTES = (Late(WEBHOOKS, _webhooks), Late(OPENAI, _openai), Late(NOVITA, _novita))
"""In the order of the API document."""
