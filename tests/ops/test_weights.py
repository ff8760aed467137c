"""Weights and code go where the model's endpoint will look for them."""

from pathlib import Path

import boto3
import pytest

from ops.weights import MAX_FILES, UnfitFolderError, plan, strangers, upload
from stacks.cards import get_serving
from stacks.config import STAGES
from tests.stage import REGION, Stage

SERVING = {"weights": "models/m/weights"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tokenizer").mkdir()
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    (tmp_path / "tokenizer" / "vocab.json").write_bytes(b"{}")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_bytes(b"ref")
    return tmp_path


def test_weights_stand_under_the_cards_prefix_without_what_git_keeps(folder: Path) -> None:
    assert plan(SERVING, folder).keys() == {
        "models/m/weights/model.safetensors",
        "models/m/weights/tokenizer/vocab.json",
    }


def test_a_cards_code_stands_beside_its_weights(folder: Path) -> None:
    serving = get_serving(STAGES["dev"], "span-x4")

    planned = plan(serving, folder)

    program = f"{serving['weights']}/code/{serving['environment']['SAGEMAKER_PROGRAM']}"
    assert planned[program].is_file()
    assert f"{serving['weights']}/code/requirements.txt" in planned


def test_an_empty_folder_or_a_wrong_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnfitFolderError, match="no files"):
        plan(SERVING, tmp_path / "nowhere")
    for number in range(MAX_FILES + 1):
        (tmp_path / str(number)).touch()
    with pytest.raises(UnfitFolderError, match="more than"):
        plan(SERVING, tmp_path)


def test_what_lies_there_from_before_is_named(aws: Stage, folder: Path) -> None:
    s3 = boto3.client("s3", region_name=REGION)
    s3.put_object(Bucket=aws.bucket, Key="models/m/weights/old.bin", Body=b"old")
    planned = plan(SERVING, folder)

    upload(s3, aws.bucket, planned)

    found = s3.get_object(Bucket=aws.bucket, Key="models/m/weights/model.safetensors")
    assert found["Body"].read() == b"weights"
    assert strangers(s3, aws.bucket, "models/m/weights", planned) == ["models/m/weights/old.bin"]
