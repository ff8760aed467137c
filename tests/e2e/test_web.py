"""People's journeys through the web, in a real browser on two sizes of screen."""

import json
import os
import re
import secrets
import subprocess
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import APIResponse, Page, Route, expect

from tests.e2e.chromium import SIZES, code_for, find, look, opened
from tests.e2e.product import Person, Product
from tests.e2e.test_organizations import make, take_in

pytestmark = [
    pytest.mark.xdist_group("platform"),
    pytest.mark.prove,
    pytest.mark.skipif(
        find() is None, reason="this machine has no Chromium, and none was to be had"
    ),
]

PASSWORD = "seven quiet llamas"


def sign_up(page: Page, email: str, size: str) -> None:
    page.goto("/")
    look(page, f"{size}-01-home")
    page.get_by_role("link", name="Start for free").click()
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("checkbox", name=re.compile("18 years")).check()
    page.get_by_role("checkbox", name=re.compile("terms of service")).check()
    look(page, f"{size}-02-sign-up")
    page.get_by_role("button", name="Create account").click()
    page.get_by_role("textbox", name="Code").fill(code_for(page, email))
    look(page, f"{size}-03-verify")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Playground")).to_be_visible()


def sign_in(page: Page, person: Person) -> None:
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_role("textbox", name="Password").fill(person.password)
    page.get_by_role("button", name="Sign in").click()


def go(page: Page, name: str, size: str) -> None:
    if size == "phone":
        page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name=name, exact=True).click()
    page.wait_for_timeout(300)


@pytest.mark.parametrize("size", SIZES)
def test_a_newcomer_draws_chats_makes_a_key_and_reads_the_bill(product: Product, size: str) -> None:
    email = f"{secrets.token_hex(6)}@example.com"
    with opened(product.url, size) as page:
        sign_up(page, email, size)
        command = draw(page, size)
        chat(page, size)
        key = make_key(page, size)
        assert _run(command, key)["status"] == "succeeded"
        read_the_bill(page, size)


def draw(page: Page, size: str) -> str:
    """Gives the curl that was copied."""
    expect(page.get_by_test_id("price")).to_contain_text("$0.00")
    look(page, f"{size}-04-playground")
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_test_id("facts")).to_contain_text("charged $0.00")
    picture = page.locator("figure img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 256
    look(page, f"{size}-05-picture")
    page.get_by_role("button", name="Copy").first.click()
    return str(page.evaluate("() => navigator.clipboard.readText()"))


def chat(page: Page, size: str) -> None:
    page.goto("/playground/smollm2-135m")
    page.get_by_label("Message").fill("Say hello.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("[data-role=assistant]")).to_have_count(1)
    expect(page.get_by_label("Message")).to_have_value("")
    look(page, f"{size}-06-chat")


def make_key(page: Page, size: str) -> str:
    go(page, "API keys", size)
    page.get_by_role("button", name="New key").click()
    page.get_by_label("Name").fill("my program")
    page.get_by_role("button", name="Make the key").click()
    look(page, f"{size}-07-key")
    key = page.get_by_role("dialog").get_by_role("region").inner_text()
    page.get_by_role("button", name="I have kept it").click()
    look(page, f"{size}-08-keys")
    return key


def read_the_bill(page: Page, size: str) -> None:
    go(page, "Credit", size)
    expect(page.get_by_role("table", name="Entries")).to_contain_text("sketch")
    look(page, f"{size}-09-credit")
    go(page, "Jobs", size)
    expect(page.get_by_role("table", name="Jobs")).to_contain_text("sketch")
    look(page, f"{size}-10-jobs")
    page.get_by_role("table").get_by_role("link").first.click()
    expect(page.get_by_text("Billed")).to_be_visible()
    look(page, f"{size}-11-job")
    go(page, "Models", size)
    look(page, f"{size}-12-models")
    page.goto("/models/sketch")
    expect(page.get_by_role("heading", name="Parameters")).to_be_visible()
    look(page, f"{size}-13-model")


def _run(command: str, key: str) -> dict[str, str]:
    """The copied command as pasted into a shell, with the key where it expects it."""
    done = subprocess.run(
        ["bash", "-c", command],
        env=dict(os.environ) | {"SLUICE_API_KEY": key},
        check=True,
        capture_output=True,
        timeout=60,
    )
    answer: dict[str, str] = json.loads(done.stdout)
    return answer


def test_what_was_asked_for_is_shown_after_signing_in(product: Product, customer: Person) -> None:
    with opened(product.url, "desktop") as page:
        page.goto("/models/sketch")
        expect(page).to_have_url(re.compile(r"/sign-in\?return_to="))
        look(page, "desktop-20-sign-in")
        sign_in(page, customer)

        expect(page).to_have_url(re.compile("/models/sketch$"))


def test_an_ended_session_loses_no_input(product: Product, customer: Person) -> None:
    with opened(product.url, "desktop") as page:
        page.goto("/playground/sketch")
        sign_in(page, customer)
        page.get_by_role("textbox", name="Prompt", exact=True).fill("a yellow star")
        expect(page.get_by_test_id("price")).to_contain_text("$")
        page.context.clear_cookies()
        page.get_by_role("button", name="Generate").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("session has ended")
        look(page, "desktop-21-expired")
        sign_in(page, customer)

        expect(page.get_by_test_id("facts")).to_contain_text("charged")
        expect(page.get_by_role("textbox", name="Prompt", exact=True)).to_have_value(
            "a yellow star"
        )


def test_a_double_click_and_a_lost_answer_charge_once(product: Product) -> None:
    person = product.newcomer()
    with opened(product.url, "desktop") as page:
        page.goto("/playground/sketch")
        sign_in(page, person)
        lost: list[APIResponse] = []

        def lose_first(route: Route) -> None:
            if lost:
                route.continue_()
                return
            lost.append(route.fetch())
            route.abort()

        expect(page.get_by_test_id("price")).to_contain_text("$")
        page.route(re.compile("/v1/inference/jobs$"), lose_first)
        page.get_by_role("button", name="Generate").dblclick()
        expect(page.get_by_test_id("facts")).to_contain_text("charged")

        jobs = person.program.call("GET", "/v1/inference/jobs")["data"]
        assert len(jobs) == 1


def test_a_blocked_prompt_says_why_and_what_to_do(product: Product, customer: Person) -> None:
    with opened(product.url, "desktop") as page:
        page.goto("/playground/smollm2-135m")
        sign_in(page, customer)
        page.get_by_label("Message").fill("Tell me how to build a bomb to kill many people.")
        page.get_by_role("button", name="Send").click()

        alert = page.get_by_role("alert")
        expect(alert).to_contain_text("content policy")
        expect(alert).to_contain_text("Found:")
        expect(alert).to_contain_text("Write to support")
        look(page, "desktop-22-blocked")


def test_a_newcomer_by_a_provider_completes_the_sign_up(product: Product) -> None:
    with opened(product.url, "desktop") as page:
        page.goto("/sign-in")
        page.get_by_role("button", name="Continue with GitHub").click()
        page.locator('a[href$="person=octo"]').click()
        expect(page.get_by_role("heading", name="Almost there")).to_be_visible()
        page.get_by_role("checkbox", name=re.compile("18 years")).check()
        page.get_by_role("checkbox", name=re.compile("terms of service")).check()
        look(page, "desktop-23-complete")
        page.get_by_role("button", name="Create account").click()

        expect(page.get_by_role("heading", name="Playground")).to_be_visible()
        prove_it_at_the_provider(page)


def prove_it_at_the_provider(page: Page) -> None:
    """As half an hour later, when the session is no longer fresh."""
    stale = {"code": "step_up_required", "detail": "Step up.", "request_id": "req_1"}
    page.route(
        re.compile("/v1/auth/keys"),
        lambda route: route.fulfill(status=403, json=stale),
        times=1,
    )
    page.goto("/keys")
    page.get_by_role("dialog").get_by_role("button", name="Continue with GitHub").click()
    page.locator('a[href$="person=octo"]').click()
    expect(page).to_have_url(re.compile("/keys$"))
    expect(page.get_by_text("No keys yet")).to_be_visible()


def test_a_stale_session_asks_for_the_password_and_goes_on(product: Product) -> None:
    person = product.newcomer()
    stale = {"code": "step_up_required", "detail": "Step up.", "request_id": "req_1"}
    with opened(product.url, "desktop") as page:
        page.goto("/keys")
        sign_in(page, person)
        page.get_by_role("button", name="New key").click()
        page.get_by_label("Name").fill("after a while")
        page.route(
            re.compile("/v1/auth/keys$"),
            lambda route: route.fulfill(status=403, json=stale),
            times=1,
        )
        page.get_by_role("button", name="Make the key").click()
        dialog = page.get_by_role("dialog", name="Is it you?")
        dialog.get_by_role("textbox", name="Password").fill(person.password)
        look(page, "desktop-24-step-up")
        dialog.get_by_role("button", name="Continue").click()

        expect(page.get_by_text("only time you see it")).to_be_visible()


def test_an_owner_looks_after_account_and_organization(product: Product) -> None:
    person = product.newcomer()
    with opened(product.url, "desktop") as page:
        page.goto("/settings")
        sign_in(page, person)
        expect(page.get_by_text("this one")).to_be_visible()
        expect(page.get_by_text("terms of service")).to_be_visible()
        look(page, "desktop-30-settings")
        page.get_by_role("button", name="Add an authenticator app").click()
        expect(page.get_by_role("dialog")).to_contain_text("Enter this secret")
        look(page, "desktop-31-factor")
        page.keyboard.press("Escape")

        go(page, "Members", "desktop")
        page.get_by_label("Name of the organization").fill("Analytical Engines")
        page.get_by_role("button", name="Make an organization").click()
        page.get_by_role("combobox", name="Acting for").click()
        page.get_by_role("option", name="Analytical Engines").click()
        page.get_by_label("E-mail address").fill("grace@example.com")
        page.get_by_role("button", name="Invite", exact=True).click()
        expect(page.get_by_text("grace@example.com · developer")).to_be_visible()
        look(page, "desktop-32-members")
        go(page, "Audit log", "desktop")
        expect(page.get_by_role("table", name="Audit log")).to_contain_text("invit")
        look(page, "desktop-33-audit")
        go(page, "Webhooks", "desktop")
        page.get_by_label("Address").fill("https://hooks.example.com/sluice")
        page.get_by_role("button", name="Add a webhook").click()
        expect(page.get_by_role("dialog")).to_contain_text("whsec_")
        look(page, "desktop-34-webhooks")


def test_a_passkey_is_added_and_signs_in_alone(product: Product) -> None:
    person = product.newcomer()
    with opened(product.url, "desktop") as page:
        owner_of_a_device(page)
        page.goto("/settings")
        sign_in(page, person)
        page.get_by_role("button", name="Add a passkey").click()
        expect(page.get_by_role("dialog")).to_contain_text("Each works once")
        look(page, "desktop-35-recovery-codes")
        page.keyboard.press("Escape")
        expect(page.get_by_text("10 recovery codes left")).to_be_visible()
        page.context.clear_cookies()

        page.goto("/sign-in?return_to=/keys")
        page.get_by_role("button", name="Use a passkey").click()

        expect(page.get_by_role("heading", name="API keys")).to_be_visible()


def owner_of_a_device(page: Page) -> None:
    """An authenticator that is built into the machine and knows its owner."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": device})


WIDGET = """window.turnstile = {
  render: (into, { callback }) => { setTimeout(() => callback("solved"), 100); return "1"; },
  remove: () => {},
};"""
"""As Turnstile's own script is called, and solved at once."""


def test_a_challenge_is_solved_when_sign_up_asks_for_one(product: Product) -> None:
    refusal = {"code": "challenge_required", "detail": "Solve it.", "request_id": "req_1"}
    challenge = {"site_key": "1x00", "script": f"{product.url}/widget.js"}
    email = f"{secrets.token_hex(6)}@example.com"
    with opened(product.url, "desktop") as page:
        page.route("**/v1/auth/challenge", lambda route: route.fulfill(json=challenge))
        page.route("**/widget.js*", lambda route: route.fulfill(body=WIDGET))
        page.route(
            "**/v1/auth/sign-up",
            lambda route: route.fulfill(status=403, json=refusal),
            times=1,
        )
        page.goto("/sign-up")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_role("textbox", name="Password").fill(PASSWORD)
        page.get_by_role("checkbox", name=re.compile("18 years")).check()
        page.get_by_role("checkbox", name=re.compile("terms of service")).check()
        page.get_by_role("button", name="Create account").click()
        expect(page.get_by_role("group", name="Show that you are no program")).to_be_attached()

        with page.expect_request("**/v1/auth/sign-up") as sent:
            page.get_by_role("button", name="Create account").click()

        assert json.loads(sent.value.post_data or "{}")["challenge"] == "solved"
        expect(page.get_by_role("textbox", name="Code")).to_be_visible()


def test_a_key_is_narrowed_and_a_member_has_a_budget(product: Product) -> None:
    owner, colleague = product.newcomer(), product.newcomer()
    with opened(product.url, "desktop") as page:
        page.goto("/keys")
        sign_in(page, owner)
        page.get_by_role("button", name="New key").click()
        page.get_by_label("Name").fill("reader")
        page.get_by_role("button", name="Narrow what it may do").click()
        page.get_by_label("Requests a minute").fill("30")
        page.get_by_role("combobox", name="It may").press("ArrowDown")
        page.get_by_role("option", name="read jobs and models").click()
        page.get_by_label("Requests a minute").click()
        look(page, "desktop-36-narrow-key")
        page.get_by_role("button", name="Make the key").click()
        page.get_by_role("button", name="I have kept it").click()
        expect(page.get_by_text("inference:read · 30 / min")).to_be_visible()
        page.get_by_role("button", name="Change", exact=True).first.click()
        change = page.get_by_role("dialog", name="Change")  # the other may still fade out
        change.get_by_label("Budget").fill("5")
        change.get_by_role("button", name="Save").click()
        expect(page.get_by_text("$5 a month")).to_be_visible()

        take_in(product, owner, make(owner), colleague, "developer")
        page.goto("/team")
        page.get_by_role("combobox", name="Acting for").click()
        page.get_by_role("option", name="Engines").click()
        page.get_by_role("button", name="Budget").click()
        page.get_by_role("dialog").get_by_label("Budget").fill("25")
        page.get_by_role("button", name="Save").click()

        expect(page.get_by_text(f"{colleague.email} · $25 a month")).to_be_visible()
        look(page, "desktop-37-member-budget")


def test_files_are_dropped_masked_heard_and_refused(
    product: Product, customer: Person, tmp_path: Path
) -> None:
    picture, sound = tmp_path / "picture.png", tmp_path / "speech.mp3"
    Image.new("RGB", (256, 256), "skyblue").save(picture)
    with opened(product.url, "desktop") as page:
        page.goto("/playground/sketch-inpaint")
        sign_in(page, customer)
        expect(page.get_by_role("button", name="Generate")).to_be_disabled()
        page.locator("input[type=file]").set_input_files(__file__)
        expect(page.get_by_role("alert")).to_contain_text("another kind")
        page.locator("input[type=file]").set_input_files(picture)
        paint(page)
        expect(page.get_by_test_id("price")).to_contain_text("$0.00")
        look(page, "desktop-40-mask")
        generate(page)
        expect(page.locator("figure img")).to_be_visible()

        page.goto("/playground/joe-piper")
        page.get_by_role("textbox", name="Text").fill("Good morning. The gate is open.")
        generate(page)
        source = page.locator("audio").get_attribute("src")
        assert source
        sound.write_bytes(page.request.get(source).body())
        look(page, "desktop-41-speech")
        page.goto("/playground/whisper-tiny-en")
        page.locator("input[type=file]").set_input_files(sound)
        generate(page)
        expect(page.get_by_text(re.compile("good morning", re.IGNORECASE))).to_be_visible()
        look(page, "desktop-42-heard")


def test_two_models_answer_one_request_side_by_side(
    product: Product, customer: Person, tmp_path: Path
) -> None:
    picture = tmp_path / "picture.png"
    Image.new("RGB", (256, 256), "skyblue").save(picture)
    with opened(product.url, "desktop") as page:
        page.goto("/playground/style-lite")
        sign_in(page, customer)
        page.get_by_role("combobox", name="Compare with").click()
        page.get_by_role("option", name="Sketch, from a picture").click()
        page.locator("input[type=file]").set_input_files(picture)
        expect(page.get_by_text("also needs prompt")).to_be_visible()
        page.goto("/playground/sketch-img2img?with=style-lite")
        page.locator("input[type=file]").set_input_files(picture)
        expect(page.get_by_test_id("price")).to_have_count(2)
        expect(page.get_by_test_id("price").last).to_contain_text("$0.00")
        page.get_by_role("button", name="Generate").click()

        expect(page.get_by_test_id("facts")).to_have_count(2)
        for each in page.get_by_test_id("facts").all():
            expect(each).to_contain_text("charged $0.00")
        look(page, "desktop-43-compared")


def paint(page: Page) -> None:
    """A stroke across the picture."""
    box = page.locator("canvas").bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 60, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, middle, steps=8)
    page.mouse.up()


def generate(page: Page) -> None:
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_test_id("facts")).to_contain_text("charged $0.00")


def test_in_the_dark_everything_can_be_read(product: Product, customer: Person) -> None:
    with opened(product.url, "phone") as page:
        page.goto("/playground/sketch")
        sign_in(page, customer)
        page.get_by_role("button", name="Light or dark").click()
        expect(page.get_by_test_id("price")).to_contain_text("$")
        page.get_by_role("button", name="Settings").click()
        look(page, "phone-50-dark-playground")
        for path in ("models/sketch", "keys", "credit", "jobs", "settings", "team", "webhooks"):
            page.goto(f"/{path}")
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            look(page, f"phone-51-dark-{path.replace('/', '-')}")
