"""The main job's tasks once more, each through the doors that others' clients know."""

from pathlib import Path

from local.client import Client
from local.compatible import novita, openai
from local.main_job import Done


def run_all(url: str, key: str, client: Client, folder: Path) -> list[Done]:
    """Raises CheckFailed for an answer that is none."""
    return openai.run_all(url, key, client, folder) + novita.run_all(client, folder)
