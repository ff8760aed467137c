"""The real models, hosted as `make up` hosts them: one host, each model woken once."""

from collections.abc import Iterator

import pytest

from tests.emulator import running
from tests.local.conftest import ROOT, end
from tests.local.modelhost.conftest import Host, start_host


@pytest.fixture(scope="module")
def real_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with running(tmp_path_factory.mktemp("emulator")) as emulator_url:
        python = ROOT / ".sluice/models/bin/python"
        url, process, queue = start_host(emulator_url, ROOT / "models", "--python", str(python))
        yield Host(url, process, emulator_url, queue)
        end(process)
