"""After a restart the emulator's functions read streams from the beginning of what is there."""

import json
from pathlib import Path

from local.home import Home
from local.streams import rewind

SCOPED = "__account_region_scoped__"


def test_positions_are_forgotten_and_all_else_stays(tmp_path: Path) -> None:
    home = Home(tmp_path)
    kept = home.emulator / "state" / "lambda.json"
    kept.parent.mkdir(parents=True)
    positions = {SCOPED: True, "data": {"000000000000\0us-east-1\0'an id'": 174, "another": 3}}
    state = {
        "esms": {SCOPED: True, "data": {"an id": {"Enabled": True}}},
        "dynamodb_stream_positions": positions,
        "kinesis_positions": {SCOPED: True, "data": {"x": 1}},
    }
    kept.write_text(json.dumps({"payload": state}))

    rewind(home)

    state["dynamodb_stream_positions"] = {SCOPED: True, "data": {}}
    assert json.loads(kept.read_text()) == {"payload": state}


def test_a_first_start_has_nothing_to_forget(tmp_path: Path) -> None:
    rewind(Home(tmp_path))

    assert list(tmp_path.iterdir()) == []
