"""What a cold start of the API pays for."""

import os
import subprocess
import sys

PROGRAM = "import functions.inference.api, sys; print(*sys.modules, sep='\\n')"
LATE = (
    "functions.inference.models.routes",
    "functions.inference.novita.routes",
    "functions.inference.novita.schemas",
    "functions.inference.openai.chat.schemas",
    "functions.inference.openai.routes",
    "functions.inference.uploads.routes",
    "functions.inference.webhooks.routes",
)


def test_a_process_imports_only_what_takes_and_shows_jobs_before_it_is_asked_for_more() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )

    imported = done.stdout.splitlines()
    assert "functions.inference.jobs.routes" in imported
    assert not set(LATE) & set(imported)
