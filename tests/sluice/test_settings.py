"""A function's environment as one typed value."""

from dataclasses import dataclass

import pytest

from sluice.settings import load


@dataclass(frozen=True, slots=True)
class Example:
    jobs_table: str
    retention_days: int
    public_url: str = "http://localhost"


def test_fields_are_read_from_variables_of_their_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBS_TABLE", "jobs")
    monkeypatch.setenv("RETENTION_DAYS", "30")

    assert load(Example) == Example("jobs", 30)


def test_everything_that_is_wrong_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JOBS_TABLE", raising=False)
    monkeypatch.setenv("RETENTION_DAYS", "a month")

    with pytest.raises(RuntimeError) as fault:
        load(Example)

    assert "JOBS_TABLE is not set" in str(fault.value)
    assert "RETENTION_DAYS is not" in str(fault.value)
