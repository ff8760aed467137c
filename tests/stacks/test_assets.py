"""What is inside the code that functions get."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.stacks.assemblies import functions, resources


@pytest.mark.parametrize("stage", ["local", "prod"])
def test_assets_hold_a_service_and_nothing_else(synthesized: Mapping[str, Any], stage: str) -> None:
    assembly = synthesized[stage]
    for name, properties in functions(assembly).items():
        service = name.partition("-")[0]
        key = properties["Code"]["S3Key"].removesuffix(".zip")
        folder = Path(assembly.directory, f"asset.{key}")

        files = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}

        handler = properties["Handler"].removesuffix(".handler").replace(".", "/")
        assert f"{handler}.py" in files
        assert "models/catalog.json" in files
        strangers = {
            f
            for f in files
            if not f.startswith(f"functions/{service}/")
            and f not in ("functions/__init__.py", "models/catalog.json")
        }
        shown = {f for f in strangers if f.startswith("docs/policies/")}
        assert bool(shown) == (service == "auth")
        assert not strangers - shown, name


def test_layers_hold_what_lambda_looks_for(synthesized: Mapping[str, Any]) -> None:
    folders = layer_folders(synthesized["prod"])

    assert any(
        (folder / "python" / "sluice" / "ledger" / "holds.py").is_file() for folder in folders
    )
    assert any((folder / "python" / "fastapi").is_dir() for folder in folders)


def test_the_local_stage_reads_packages_where_they_lie(synthesized: Mapping[str, Any]) -> None:
    (shared,) = layer_folders(synthesized["local"])

    assert (shared / "python" / "sluice" / "ledger" / "holds.py").is_file()


def layer_folders(assembly: Any) -> list[Path]:
    layers = resources(assembly, "AWS::Lambda::LayerVersion").values()
    keys = {layer["Properties"]["Content"]["S3Key"].removesuffix(".zip") for layer in layers}
    return [Path(assembly.directory, f"asset.{key}") for key in keys]
