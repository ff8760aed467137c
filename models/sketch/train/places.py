"""Where training keeps what it reads and makes: under the ignored folder .sluice/train."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[3]
TRAIN: Final = ROOT / ".sluice" / "train"
SOURCE: Final = TRAIN / "source"
FONT: Final = SOURCE / "NotoColorEmoji.ttf"
POOL: Final = TRAIN / "pool.npz"
PROMPTS: Final = TRAIN / "prompts.json"
DECODER: Final = TRAIN / "decoder.pt"
FLOW: Final = TRAIN / "flow.pt"
SHEETS: Final = TRAIN / "sheets"
EXPORT: Final = TRAIN / "weights.npz"

SIDE_PIXELS: Final = 64
"""Pictures are square and this wide while the model works on them."""
TAUGHT: Final = ("en", "de", "fr", "es")
HELD_OUT: Final = ("it", "pt", "nl", "pl", "ja")
"""Languages that training never reads; the evaluation asks in them."""
LANGUAGES: Final = (*TAUGHT, *HELD_OUT)
