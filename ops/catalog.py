"""Compiles the model cards into `models/catalog.json`, the one file that functions and stacks read.

python -m ops catalog            write it
python -m ops catalog --check    say whether it is what the cards say
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from ops.cards import Card
from ops.drift import write_or_compare
from ops.paths import MODELS, ROOT

CATALOG: Final = MODELS / "catalog.json"
IMAGES: Final = MODELS / "images.lock.json"


class CardError(ValueError):
    """A card is wrong; the message names the file and each fault."""


def read_card(file: Path) -> dict[str, Any]:
    """The card as written, once it is known to be sound. Raises CardError."""
    raw: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    try:
        card = Card.model_validate(raw)
    except (ValidationError, ValueError) as error:
        raise CardError(f"{file.parent.name}/{file.name}: {error}") from error
    if card.id != file.parent.name:
        raise CardError(
            f"{file.parent.name}/{file.name}: its id is {card.id}, not its folder's name"
        )
    _check_references(card)
    return raw


def _check_references(card: Card) -> None:
    local, cloud = card.serving.local, card.serving.cloud
    if local and not (ROOT / local.server).is_file():
        raise CardError(f"{card.id}: there is no {local.server}")
    for code in [cloud.code, *cloud.beside] if cloud and cloud.code else ():
        if not (ROOT / str(code)).exists():
            raise CardError(f"{card.id}: there is no {code}")
    if cloud and cloud.image not in json.loads(IMAGES.read_text(encoding="utf-8"))["images"]:
        raise CardError(f"{card.id}: {IMAGES.name} has no {cloud.image}; see ops/images.py")


def compile_cards(folder: Path = MODELS) -> str:
    """The catalog's text, from every card under `folder`. Raises CardError."""
    cards = [read_card(file) for file in sorted(folder.glob("*/card.yaml"))]
    names = Counter(name for card in cards for name in (card["id"], *card.get("aliases", ())))
    if twice := sorted(name for name, count in names.items() if count > 1):
        raise CardError(f"more than one model is called {', '.join(twice)}")
    return json.dumps({"models": cards}, indent=1, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="sluicectl catalog", description=__doc__)
    parser.add_argument("--check", action="store_true")
    chosen = parser.parse_args(arguments)
    try:
        text = compile_cards()
    except CardError as error:
        print(error, file=sys.stderr)
        return 1
    return write_or_compare(CATALOG, text, compare=chosen.check, command="make catalog")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
