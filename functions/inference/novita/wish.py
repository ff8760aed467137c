"""What is wanted of a task beside its result itself."""

from dataclasses import dataclass
from typing import Any

from functions.inference.novita.results import IMAGE_TYPE, NSFW
from functions.inference.webhooks.kinds import JobWebhook


@dataclass(frozen=True, slots=True)
class Wish:
    """The format of its pictures, whether to tell what screening found in them, and who is told
    of its end. With `mock_status` no task is made: a mock event of that status goes out."""

    image_type: str
    nsfw: bool = False
    webhook_url: str | None = None
    mock_status: str | None = None

    @property
    def door(self) -> dict[str, Any]:
        """What the job keeps of it."""
        told = {NSFW: True} if self.nsfw else {}
        return {IMAGE_TYPE: self.image_type} | told

    @property
    def webhook(self) -> JobWebhook | None:
        return JobWebhook(self.webhook_url, family="novita") if self.webhook_url else None
