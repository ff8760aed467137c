"""What whoever waits is told: plain values, which the workers load too."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outlook:
    """`queue_position` is 1 for the next one; in `begins_s` seconds the model begins with the job,
    in `eta_s` it has ended. None where nobody knows."""

    queue_position: int | None = None
    begins_s: int | None = None
    eta_s: int | None = None


UNKNOWN = Outlook()
