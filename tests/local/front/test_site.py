"""The web as the front serves it: pages, assets, what both carry, and what is no page."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from local.front import site
from tests.local.front.test_front import app, emulator, home, viewer

__all__ = ["app", "emulator", "home", "viewer"]  # fixtures

PAGE = {"accept": "text/html"}


@pytest.fixture(autouse=True)
def dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    built = tmp_path / "dist"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("the page")
    (built / "assets" / "index-abc.js").write_text("the script")
    (tmp_path / "secret").write_text("not ours")
    monkeypatch.setattr(site, "DIST", built)
    return built


@pytest.mark.parametrize("path", ["/", "/playground/sketch", "/sign-up/complete?return_to=%2F"])
def test_every_page_is_the_one_page_and_is_asked_for_anew(viewer: TestClient, path: str) -> None:
    answer = viewer.get(path, headers=PAGE)

    assert (answer.status_code, answer.text) == (200, "the page")
    assert answer.headers["cache-control"] == "no-cache"


def test_an_asset_is_kept_for_ever(viewer: TestClient) -> None:
    answer = viewer.get("/assets/index-abc.js")

    assert answer.text == "the script"
    assert "immutable" in answer.headers["cache-control"]


def test_a_page_runs_no_script_but_ours_and_is_framed_by_nobody(viewer: TestClient) -> None:
    policy = viewer.get("/", headers=PAGE).headers["content-security-policy"]

    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert viewer.get("/", headers=PAGE).headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/../secret", "/%2e%2e/secret", "/assets/..%2f..%2fsecret"])
def test_nothing_outside_of_the_web_is_served(viewer: TestClient, path: str) -> None:
    assert "not ours" not in viewer.get(path, headers=PAGE).text


@pytest.mark.parametrize("path", ["/_local/no-such-page", "/no-such-file.js"])
def test_what_is_no_page_is_not_found(viewer: TestClient, path: str) -> None:
    assert viewer.get(path, headers={"accept": "*/*"}).status_code == 404


def test_nothing_is_written_to_a_page(viewer: TestClient) -> None:
    assert viewer.post("/playground", headers=PAGE).status_code == 404
