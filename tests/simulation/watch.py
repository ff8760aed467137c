"""Looks over everybody's shoulder: after each commit, whether the rules of money still hold."""

from collections.abc import Callable
from typing import Any

from tests.invariants import ENDED, flow_faults, job_faults, ledger_faults, leftovers
from tests.simulation.storage import Storage
from tests.stage import Stage

RESULTS = "results/"


class Watch:
    """`faults` collects what was found wrong, in words; the first is what counts."""

    def __init__(self, stage: Stage, storage: Storage, latest_ms: Callable[[], int]) -> None:
        self._stage, self._storage, self._latest_ms = stage, storage, latest_ms
        self._ended_lines: dict[tuple[str, str], dict[str, Any]] = {}
        self._ended_jobs: dict[str, tuple[str, int]] = {}
        self.faults: list[str] = []
        self.commits = 0
        self.jobs: list[dict[str, Any]] = []
        self.ledger: list[dict[str, Any]] = []

    def read(self) -> None:
        self.jobs, self.ledger = self._stage.scan("jobs"), self._stage.scan("ledger")

    @property
    def results(self) -> list[str]:
        return [key for key in self._storage.objects if key.startswith(RESULTS)]

    def check(self) -> None:
        """What must hold at every commit."""
        self.commits += 1
        self.read()
        self.faults += ledger_faults(self.ledger)
        self.faults += job_faults(self.jobs, self.ledger, self.results)
        self.faults += flow_faults(self.jobs, self._latest_ms())
        self.faults += self._changed_lines() + self._changed_jobs()

    def check_rest(self) -> None:
        """What must hold once nothing moves any more."""
        self.check()
        self.faults += leftovers(self.jobs, self.ledger, self.results)

    def has_open(self) -> bool:
        self.read()
        return any(item.get("state") == "open" for item in self.ledger)

    def _changed_lines(self) -> list[str]:
        """An ended line is an entry: it never changes and never goes."""
        now = {
            (item["pk"], item["sk"]): item
            for item in self.ledger
            if item["sk"].startswith("LINE#") and item["state"] != "open"
        }
        faults = [
            f"{key} was changed" for key, item in self._ended_lines.items() if now.get(key) != item
        ]
        self._ended_lines = now
        return faults

    def _changed_jobs(self) -> list[str]:
        """A job ends once."""
        now = {
            item["pk"]: (item["status"], item["charged_nanos"])
            for item in self.jobs
            if item["sk"] == "JOB" and item["status"] in ENDED
        }
        faults = [
            f"{pk} was {before} and is {now.get(pk)}"
            for pk, before in self._ended_jobs.items()
            if now.get(pk) != before
        ]
        self._ended_jobs = now
        return faults
