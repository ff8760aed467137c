"""What we write to people who wait for it: each letter in plain text and in HTML, from the same
sentences. What they did not ask for stands in `notices`."""

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str
    html: str


def verification(code: str, valid_minutes: int) -> Letter:
    """The code that proves a mailbox. It is not in the subject, which locked screens show."""
    return compose(
        "Confirm your e-mail address",
        "Someone signed up for Sluice with this address. To confirm that it was you, enter this "
        "code where you signed up:",
        code,
        f"It works once, within {valid_minutes} minutes. Nobody of ours will ever ask you for it.",
        "If it was not you, ignore this mail: without the code there is no account.",
    )


def already_registered(sign_in_url: str) -> Letter:
    """For the owner of an account whose address somebody signed up with again."""
    return compose(
        "You already have an account",
        "Someone signed up for Sluice with this address, which already has an account. If it was "
        "you, sign in with your password:",
        sign_in_url,
        "If it was not you, ignore this mail: nothing about your account was changed or shown.",
    )


def password_reset(code: str, valid_minutes: int) -> Letter:
    """The code that sets a new password."""
    return compose(
        "Choose a new password",
        "Someone asked to set a new password for the Sluice account of this address. If it was "
        "you, enter this code together with the new password:",
        code,
        f"It works once, within {valid_minutes} minutes, and signs you out everywhere. Nobody of "
        "ours will ever ask you for it.",
        "If it was not you, ignore this mail: without the code nothing changes.",
    )


def no_account(sign_up_url: str) -> Letter:
    """For somebody who wanted a new password and has no account under this address."""
    return compose(
        "You have no account with this address",
        "Someone asked to set a new password at Sluice for this address, which has no account. If "
        "it was you, use the address that you signed up with, or sign up:",
        sign_up_url,
        "If it was not you, ignore this mail: we keep nothing of it.",
    )


def email_change(code: str, valid_minutes: int) -> Letter:
    """The code that proves the mailbox that an account is to move to."""
    return compose(
        "Confirm your new e-mail address",
        "Someone asked to move their Sluice account to this address. If it was you, enter this "
        "code where you asked:",
        code,
        f"It works once, within {valid_minutes} minutes. Nobody of ours will ever ask you for it.",
        "If it was not you, ignore this mail: without the code nothing changes.",
    )


def email_taken(sign_in_url: str) -> Letter:
    """For the owner of an account whose address somebody wanted to move theirs to."""
    return compose(
        "You already have an account",
        "Someone asked to move their Sluice account to this address, which already has one of its "
        "own. If it was you, sign in to that:",
        sign_in_url,
        "If it was not you, ignore this mail: nothing about your account was changed or shown.",
    )


def invitation(organization: str, role: str, by: str, token: str, public_url: str) -> Letter:
    """The token that makes whoever reads this mailbox a member."""
    return compose(
        "You are invited into an organization",
        f"{by} asks you into the organization “{organization}” at Sluice, as {role}. Sign in at "
        f"{public_url}, or sign up, with this address, and enter this token there:",
        token,
        "It works once, within seven days, for this address alone.",
        "If you do not know who asks, ignore this mail: nothing happens.",
    )


def compose(subject: str, opening: str, centre: str, *closing: str) -> Letter:
    """A letter whose `centre` stands out."""
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
