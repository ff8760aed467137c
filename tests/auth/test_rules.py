"""Rules over values: addresses, passwords, letters."""

import pytest

from functions.auth.mail import letters
from functions.auth.passwords import rules as passwords
from functions.auth.users import mailbox
from sluice.errors import InvalidInput


@pytest.mark.parametrize(
    "email",
    [
        "ada",
        "ada@",
        "ada@localhost",
        "ada@example",
        "a b@example.com",
        "аda@example.com",  # begins with a Cyrillic letter
        "ada@example.com\nbcc: all@example.com",
        "Ada <ada@example.com>",
        "ada@exa_mple.com",
        "ada@[127.0.0.1]",
        f"{'a' * 65}@example.com",
        f"ada@{'a.' * 130}example.com",
    ],
)
def test_an_address_that_nobody_can_write_to_is_refused(email: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        mailbox.parse(email)

    assert refusal.value.machine_code == "invalid_email"


@pytest.mark.parametrize(
    ("email", "identity"),
    [
        ("Ada+Tag@Example.COM", "ada+tag@example.com"),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
        ("a.d.a@gmail.com", "a.d.a@gmail.com"),
    ],
)
def test_a_login_is_the_address_in_lower_case_and_otherwise_as_written(
    email: str, identity: str
) -> None:
    assert mailbox.parse(email) == identity


@pytest.mark.parametrize(
    "password",
    [
        *("password1", "PassWord123", "ada@example.com", "Q1W2E3R4T5"),
        *("ｐａｓｓｗｏｒｄ１", "e\u0301" * 4, "𝐩𝐚𝐬𝐬𝐰𝐨𝐫𝐝𝟏"),
    ],
)
def test_a_password_that_guessers_try_first_is_refused(password: str) -> None:
    with pytest.raises(InvalidInput):
        passwords.check(password, "ada@example.com")


@pytest.mark.parametrize("password", ["kzqwvbnx", "é" * 8, " " * 7 + "x", "x7" * 128, "🦙" * 8])
def test_no_rule_of_composition_refuses_a_password(password: str) -> None:
    passwords.check(password, "ada@example.com")


def test_a_password_is_kept_as_argon2id_with_the_recommended_cost() -> None:
    kept = passwords.hash_("seven quiet llamas")

    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.is_right("seven quiet llamas", kept)
    assert not passwords.is_right("seven quiet llama", kept)


def test_nothing_is_right_for_whom_nobody_knows() -> None:
    assert not passwords.is_right("", None)


def test_a_letter_says_the_same_in_text_and_in_html() -> None:
    letter = letters.verification("40418823", 10)

    for part in (letter.text, letter.html):
        assert "40418823" in part
        assert "within 10 minutes" in part
    assert "40418823" not in letter.subject


def test_a_letter_escapes_what_it_is_given() -> None:
    letter = letters.already_registered("https://x.example/?a=1&b=<script>")

    assert "<script>" not in letter.html
