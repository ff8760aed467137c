"""How the web is sent: nobody may see a page before what it asks for is there."""

from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from ops import web


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / ".vite").mkdir()
    for name in ("index.html", "sluice.svg", "assets/index-abc.js", ".vite/manifest.json"):
        (tmp_path / name).write_text(name)
    return tmp_path


def test_the_page_comes_last_and_the_manifest_not_at_all(dist: Path) -> None:
    assert list(web.files(dist)) == ["assets/index-abc.js", "sluice.svg", "index.html"]


def test_a_web_that_is_not_built_is_not_sent(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="make platform"):
        list(web.files(tmp_path))


@mock_aws
def test_assets_are_kept_for_ever_and_the_page_is_asked_for_anew(dist: Path) -> None:
    session = boto3.Session("testing", "testing", region_name="us-east-1")
    s3 = session.client("s3")
    s3.create_bucket(Bucket="web")

    assert web.send(session, "web", dist) == 3

    page = s3.head_object(Bucket="web", Key="index.html")
    asset = s3.head_object(Bucket="web", Key="assets/index-abc.js")
    assert (page["CacheControl"], page["ContentType"]) == ("no-cache", "text/html; charset=utf-8")
    assert "immutable" in asset["CacheControl"]
    assert asset["ContentType"].startswith("text/javascript")
