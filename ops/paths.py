"""Where things are in a clone, for the tools that read or write them."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
STATE: Final = ROOT / ".sluice"
REQUIREMENTS: Final = ROOT / "requirements"
MODELS: Final = ROOT / "models"
UV: Final = STATE / "bootstrap" / "bin" / "uv"
PYTHON: Final = STATE / "venv" / "bin" / "python"
CDK: Final = ROOT / "node_modules" / ".bin" / "cdk"
