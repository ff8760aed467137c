"""What we write to people: each letter in plain text and in HTML, from the same sentences."""

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str
    html: str


def verification(code: str, valid_minutes: int) -> Letter:
    """The code that proves a mailbox. It is not in the subject, which locked screens show."""
    return _letter(
        "Confirm your e-mail address",
        "Someone signed up for Sluice with this address. To confirm that it was you, enter this "
        "code where you signed up:",
        code,
        f"It works once, within {valid_minutes} minutes. Nobody of ours will ever ask you for it.",
        "If it was not you, ignore this mail: without the code there is no account.",
    )


def already_registered(sign_in_url: str) -> Letter:
    """For the owner of an account whose address somebody signed up with again."""
    return _letter(
        "You already have an account",
        "Someone signed up for Sluice with this address, which already has an account. If it was "
        "you, sign in with your password:",
        sign_in_url,
        "If it was not you, ignore this mail: nothing about your account was changed or shown.",
    )


def _letter(subject: str, opening: str, centre: str, *closing: str) -> Letter:
    text = "\n\n".join([opening, f"    {centre}", *closing, "Sluice"]) + "\n"
    body = "".join(
        [
            f"<p>{escape(opening)}</p>",
            f'<p style="font-size:1.5em;letter-spacing:.1em"><strong>{escape(centre)}</strong></p>',
            *(f"<p>{escape(sentence)}</p>" for sentence in closing),
            "<p>Sluice</p>",
        ]
    )
    head = f'<meta charset="utf-8"><title>{escape(subject)}</title>'
    return Letter(
        subject,
        text,
        f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>',
    )
