"""Novita's tasks are jobs: submitted without waiting, looked at later."""

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from functions.inference import doors, files
from functions.inference.doors import Retry
from functions.inference.flow.forecast import of_job
from functions.inference.jobs import store
from functions.inference.jobs.job import Job
from functions.inference.jobs.submission import Order, submit
from functions.inference.models import service as models
from functions.inference.novita import inputs, results
from functions.inference.novita.wish import Wish
from functions.inference.once import Asked, once
from functions.inference.rates import store as rates
from functions.inference.results import conversion
from functions.inference.tasks import pictures
from functions.inference.webhooks import by_hand
from sluice.catalog import Card, get_card
from sluice.errors import InvalidInput, NotFound, PayloadTooLarge
from sluice.limits import limits_of
from sluice.principal import Principal

MAX_ANSWER_BYTES: Final = 4_400_000
"""Of a picture in an answer: base64 adds a third, and Lambda gives 6 MB."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, through which route, and by which key if they ask again."""

    principal: Principal
    route: str
    idempotency_key: str | None


@dataclass(frozen=True, slots=True)
class Created:
    """A task's id; `replayed` when an earlier request with the same key made it."""

    task_id: str
    replayed: bool = False


def create(asker: Asker, task: str, request: Mapping[str, Any], wish: Wish) -> Created:
    """A task. Raises what `submit` raises; InvalidInput for what the model cannot do, and for
    words or pictures that are not allowed."""
    card = _model_for(task, request.get("model_name"))
    if wish.mock_status is not None and wish.webhook_url is not None:
        return _mock(asker, card, request, wish)
    given = inputs.read(card, request, asker.principal.account)
    return _submit(asker, card, given, wish)


def create_flat(asker: Asker, task: str, image: str, wish: Wish) -> Created:
    """A task, where the route alone says which model."""
    return _submit(asker, models.default_card(task), {"image": image}, wish)


def create_upscaled(asker: Asker, image: str, longer_pixels: int, wish: Wish) -> Created:
    """Raises InvalidInput unless the model makes a picture of exactly that size of this one."""
    card = models.default_card("upscale")
    picture = pictures.read_input(card, image, asker.principal.account)
    made = max(picture.width, picture.height) * card.limits["scale"]
    if made != longer_pixels:
        raise InvalidInput(
            f"{card.id} enlarges {card.limits['scale']} times: the longer side would be {made} "
            f"pixels, not {longer_pixels}. /v3/async/upscale takes any size.",
            code="image_too_large" if made > longer_pixels else "image_too_small",
        )
    return _submit(asker, card, {"image": image}, wish)


async def answer_picture(
    asker: Asker, task: str, image: str, image_type: str
) -> tuple[str, Created]:
    """The result itself as base64, and the task that made it, for a route that waits for it.
    Raises what `doors.run` raises, and PayloadTooLarge for more than an answer can carry."""
    card = models.default_card(task)
    retry = Retry(asker.idempotency_key, 0)
    answered = await doors.run(asker.principal, task, card.id, {"image": image}, asker.route, retry)
    job = answered.job
    content = files.find(files.result_key(job.id, job.files[0].name)) if job.files else None
    if content is None:
        raise NotFound("The result of this request was deleted.", code="result_deleted")
    if image_type != conversion.format_of(job.files[0]):
        content = conversion.convert(content, image_type)
    if len(content) > MAX_ANSWER_BYTES:
        raise PayloadTooLarge(
            f"The result has {len(content)} bytes and an answer carries {MAX_ANSWER_BYTES}: "
            f"GET /v3/async/task-result?task_id={job.id} leads to it."
        )
    return base64.b64encode(content).decode(), Created(job.id, answered.replayed)


def show_task(principal: Principal, task_id: str) -> dict[str, Any]:
    """The account's task as it stands; a foreign one does not exist."""
    job = store.get_job(task_id, principal.account)
    return results.task_result(job, _eta_s(job, limits_of(principal.tier).in_flight))


def _model_for(task: str, name: str | None) -> Card:
    if name is None:
        return models.default_card(task)
    card = get_card(name)
    if card.task != task:
        why = f"{card.id} does {card.task}, not {task}."
        fault = {"pointer": "/body/request/model_name", "message": why}
        raise InvalidInput("Another model is needed here.", code="wrong_task", errors=[fault])
    return card


def _submit(asker: Asker, card: Card, given: Mapping[str, Any], wish: Wish) -> Created:
    order = Order(card.id, given, asker.route, asker.idempotency_key, wish.webhook, door=wish.door)
    submitted = submit(asker.principal, order)
    job = submitted.job
    if job.status == "blocked" and job.error is not None:
        reason = results.blocked_reason(job)
        raise InvalidInput(job.error["message"], code="content_blocked", extra={"reason": reason})
    return Created(job.id, submitted.replayed)


def _mock(asker: Asker, card: Card, request: Mapping[str, Any], wish: Wish) -> Created:
    """Sends a mock event of the wished status, and counts as a request; the id is the one it
    tells."""
    url, sample = wish.webhook_url or "", {"task": card.task, "status": wish.mock_status or ""}
    body = [request, asdict(wish)]
    asked = Asked(asker.principal.account, asker.route, asker.idempotency_key, body)

    def make() -> Created:
        rates.take(asker.principal, card)
        return Created(by_hand.send_sample(asked, url, sample).id)

    created, replayed = once(asked, make, Created)
    return replace(created, replayed=replayed)


def _eta_s(job: Job, slots: int) -> int:
    """Seconds to its end, or at least until its model begins; 0 when nobody knows."""
    outlook = of_job(job, slots)
    return outlook.begins_s or 0 if outlook.eta_s is None else outlook.eta_s
