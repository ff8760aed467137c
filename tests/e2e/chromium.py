"""A real Chromium before the product: people, pages, screenshots, and axe's judgement."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page, expect, sync_playwright

from local.home import ROOT, SLUICE

SCREENSHOTS: Final = SLUICE / "screenshots"
AXE: Final = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
OPTIONS: Final = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
SIZES: Final[dict[str, tuple[int, int]]] = {"desktop": (1280, 900), "phone": (390, 844)}
PATIENCE_MS: Final = 30_000
GRAVE: Final = {"serious", "critical"}
CODE: Final = re.compile(r"\b\d{6,10}\b")


def find() -> str | None:
    """Where this machine's Chromium is."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def opened(url: str, size: str) -> Iterator[Page]:
    """A page in a browser of its own, whose errors fail the test."""
    found = find()
    assert found, "the journeys need Chromium (Debian: chromium)"
    width, height = SIZES[size]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=OPTIONS)
        context = browser.new_context(
            base_url=url,
            viewport={"width": width, "height": height},
            has_touch=size == "phone",
            permissions=["clipboard-read", "clipboard-write"],
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        broken: list[str] = []
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.on("console", lambda said: broken.append(said.text) if _is_grave(said) else None)
        try:
            yield page
        except BaseException:  # whatever it was, one wants to see the page
            page.screenshot(path=_path(f"{size}-failed"), full_page=True)
            raise
        finally:
            browser.close()
    assert not broken, broken


def _is_grave(said: Any) -> bool:
    """What the policy of contents refused; a refused request is the page's to tell."""
    return said.type == "error" and "Content Security Policy" in said.text


def look(page: Page, name: str) -> None:
    """Keeps a screenshot, and lets axe judge what is shown."""
    page.wait_for_timeout(400)  # what moves comes to rest; colours in between have no contrast
    page.screenshot(path=_path(name), full_page=True)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    grave = [
        f"{each['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for each in found["violations"]
        if each["impact"] in GRAVE
        for node in each["nodes"]
    ]
    assert not grave, f"{name}: " + "\n".join(grave)
    wide = page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth")
    assert not wide, f"{name} is wider than its window"


def _path(name: str) -> Path:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    return SCREENSHOTS / f"{name}.png"


def code_for(page: Page, email: str) -> str:
    """The newest code in the local mailbox."""
    for _ in range(60):
        mails = page.request.get("/_local/mail.json").json()
        for mail in mails:
            if email in mail["to"] and (code := CODE.search(mail["text"])):
                return code.group()
        page.wait_for_timeout(500)
    raise AssertionError(f"no mail to {email}")
