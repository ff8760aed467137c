"""What we write to an account's owner about what was done to it, so that they can object."""

from collections.abc import Callable, Mapping
from typing import Final, Literal

from functions.auth.mail.letters import Letter, compose

type Kind = Literal[
    "password_changed",
    "password_reset",
    "email_changed",
    "account_secured",
    "factor_added",
    "factor_removed",
    "recovery_code_used",
    "account_received",
    "organization_secured",
    "account_suspended",
    "account_restored",
    "account_closing",
    "account_kept",
    "account_closing_postponed",
    "account_closed",
    "identity_linked",
    "identity_unlinked",
    "documents_accepted",
    "key_leaked",
    "member_budget_changed",
]


def letter(kind: str, at: str, public_url: str) -> Letter:
    """The letter of a kind of notice; `at` is when it happened (RFC 3339)."""
    return _LETTERS[kind](at, public_url)


def _password_changed(at: str, public_url: str) -> Letter:
    return compose(
        "Your password was changed",
        "The password of your Sluice account was changed, and all other sessions were ended, at",
        at,
        "If it was you, there is nothing to do.",
        f"If it was not you, ask for a new password at {public_url} now, then tell us that your "
        "account is compromised: that ends every session and every key.",
    )


def _password_reset(at: str, public_url: str) -> Letter:
    return compose(
        "A new password was set",
        "With a code from this mailbox a new password was set for your Sluice account, and every "
        "session was ended, at",
        at,
        "If it was you, there is nothing more to do. Your API keys go on: revoke those that you "
        "do not know.",
        "If it was not you, somebody reads your mail. Make that safe first; then ask for a new "
        f"password at {public_url}, and tell us that your account is compromised.",
    )


def _email_changed(at: str, public_url: str) -> Letter:
    return compose(
        "Your e-mail address was changed",
        "Your Sluice account was moved from this address to another, which was confirmed, at",
        at,
        "If it was you, there is nothing to do; we shall not write here any more.",
        "If it was not you, somebody knows your password, and a reset does not reach you any more. "
        f"Write at once, from this address, to the support address that stands at {public_url}.",
    )


def _account_secured(at: str, public_url: str) -> Letter:
    return compose(
        "Your account was secured",
        "As you told us that it was compromised, every session, every API key and the password of "
        "your Sluice account were ended, at",
        at,
        f"To come back, ask for a new password at {public_url}. Then make new keys, and look "
        "through the account's audit log and its bill.",
        "If it was not you, do the same: whoever did it is out as well.",
    )


def _not_you(public_url: str) -> str:
    return (
        f"If it was not you, sign in at {public_url}, and tell us that your account is compromised."
    )


def _factor_added(at: str, public_url: str) -> Letter:
    return compose(
        "A second factor was added",
        "A second factor was added to your Sluice account, which signing in asks for from now on, "
        "at",
        at,
        "If it was you, there is nothing to do. Keep your recovery codes apart from your devices.",
        _not_you(public_url),
    )


def _factor_removed(at: str, public_url: str) -> Letter:
    return compose(
        "A second factor was removed",
        "A second factor was removed from your Sluice account at",
        at,
        "If it was you, there is nothing to do.",
        _not_you(public_url),
    )


def _recovery_code_used(at: str, public_url: str) -> Letter:
    return compose(
        "A recovery code was used",
        "One of the recovery codes of your Sluice account stood in for a second factor at",
        at,
        "If it was you, it is used up: make new codes when few are left.",
        _not_you(public_url),
    )


def _account_received(at: str, public_url: str) -> Letter:
    return compose(
        "You own an organization now",
        "The owner of an organization at Sluice whose member you are made you its owner, at",
        at,
        f"Its members, its credit and its bills are yours to look after, at {public_url}.",
        "If you do not want that, make another member the owner.",
    )


def _organization_secured(at: str, public_url: str) -> Letter:
    return compose(
        "Your organization was secured",
        "One of its administrators told us that your organization at Sluice was compromised: every "
        "API key and every invitation was ended, and every member must step up, since",
        at,
        f"Look at {public_url} through its members and its audit log: remove whoever does not "
        "belong there, then make new keys.",
        "If you do not know why, ask your administrators: the audit log names who it was.",
    )


def _account_suspended(at: str, public_url: str) -> Letter:
    return compose(
        "Your account is suspended",
        "Your Sluice account may read, and nothing else, since",
        at,
        f"Why stands with the account: sign in at {public_url}, where you can still read and take "
        "what is yours.",
        "If you do not agree, answer from this address to the support address that stands there.",
    )


def _account_restored(at: str, public_url: str) -> Letter:
    return compose(
        "Your account is restored",
        "Your Sluice account is no longer suspended, since",
        at,
        f"Keys and sessions go on as before, at {public_url}.",
        "If you do not find it so within a minute, tell us.",
    )


def _identity_linked(at: str, public_url: str) -> Letter:
    return compose(
        "Another way to sign in was linked",
        "An identity at another provider was linked to your Sluice account, and signs you in from "
        "now on, since",
        at,
        "If it was you, there is nothing to do.",
        _not_you(public_url),
    )


def _identity_unlinked(at: str, public_url: str) -> Letter:
    return compose(
        "A way to sign in was unlinked",
        "An identity at another provider does not sign you in to your Sluice account any more, "
        "since",
        at,
        "If it was you, there is nothing to do.",
        _not_you(public_url),
    )


def _documents_accepted(at: str, public_url: str) -> Letter:
    return compose(
        "You accepted the current terms",
        "The current terms of service and privacy policy were accepted for your Sluice account at",
        at,
        f"What they say, and which version it was, stands at {public_url}.",
        _not_you(public_url),
    )


def _account_closing(at: str, public_url: str) -> Letter:
    return compose(
        "Your account will close in thirty days",
        "You asked to close your Sluice account, or an organization that you own, at",
        at,
        "Until thirty days later everything works as before. Then every session and every key ends "
        "for good, and what is left is erased: take what you need before.",
        f"To keep it, sign in at {public_url} and say so.",
        _not_you(public_url),
    )


def _key_leaked(at: str, public_url: str) -> Letter:
    return compose(
        "One of your API keys leaked",
        "Somebody found one of your Sluice account's API keys and reported it, so it was revoked "
        "at",
        at,
        f"Which one it was stands in the audit log at {public_url}, as `key.leaked`. Make another "
        "for the program that used it, and look through the account's bill.",
        "If it was not you who published it, look where else that program's secrets are.",
    )


def _member_budget_changed(at: str, public_url: str) -> Letter:
    return compose(
        "Your budget in an organization was changed",
        "What you, and the API keys that you made, may spend in an organization on Sluice was "
        "changed by one who manages its members, at",
        at,
        f"How much it is now stands among the members at {public_url}; whoever manages them can "
        "change it.",
        "If you do not know that organization, leave it there.",
    )


def _account_kept(at: str, public_url: str) -> Letter:
    return compose(
        "Your account stays open",
        "You changed your mind: your Sluice account, or your organization, is not closed. That was "
        "at",
        at,
        "Everything goes on as before.",
        _not_you(public_url),
    )


def _account_closing_postponed(at: str, public_url: str) -> Letter:
    return compose(
        "Your account cannot close yet",
        "Your Sluice account was to close by now, and you own organizations. It waits for another "
        "week since",
        at,
        f"Sign in at {public_url}: hand each organization over to another member, or close it.",
        "If you do not want to leave any more, keep your account there.",
    )


def _account_closed(at: str, public_url: str) -> Letter:
    return compose(
        "Your account is closed",
        "As you asked for thirty days ago or earlier, your Sluice account, or your organization, "
        "was closed at",
        at,
        "Nothing acts for it any more, and what it has left is erased.",
        f"If you do not know why, write from this address to the support address at {public_url}.",
    )


_LETTERS: Final[Mapping[str, Callable[[str, str], Letter]]] = {
    "password_changed": _password_changed,
    "password_reset": _password_reset,
    "email_changed": _email_changed,
    "account_secured": _account_secured,
    "factor_added": _factor_added,
    "factor_removed": _factor_removed,
    "recovery_code_used": _recovery_code_used,
    "account_received": _account_received,
    "organization_secured": _organization_secured,
    "account_suspended": _account_suspended,
    "account_restored": _account_restored,
    "account_closing": _account_closing,
    "account_kept": _account_kept,
    "account_closing_postponed": _account_closing_postponed,
    "account_closed": _account_closed,
    "identity_linked": _identity_linked,
    "identity_unlinked": _identity_unlinked,
    "documents_accepted": _documents_accepted,
    "key_leaked": _key_leaked,
    "member_budget_changed": _member_budget_changed,
}
KINDS: Final = tuple(_LETTERS)
