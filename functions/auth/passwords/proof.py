"""That who has a session knows the password too."""

from functions.auth.attempts.store import Limit, network, take
from functions.auth.passwords import rules
from sluice.caller import Caller
from sluice.errors import Forbidden
from sluice.table import Item

# As for sign-in: who guesses is stopped where he guesses from, and the owner elsewhere is not.
_HERE = Limit("password-here", 10, 600)
_USER = Limit("password", 100, 3600)


def check(user: Item, password: str, caller: Caller) -> None:
    """Raises Forbidden `wrong_password`, or RateLimited for who guesses."""
    take(_HERE, user["id"], network(caller.address))
    take(_USER, user["id"])
    if not rules.is_right(password, user.get("password_hash")):
        raise wrong_password()


def check_unchanged(asked: Item, user: Item) -> None:
    """What was found right must still be the password; otherwise raises Forbidden."""
    if user.get("password_hash") != asked.get("password_hash"):
        raise wrong_password()


def wrong_password() -> Forbidden:
    return Forbidden("This is not your password.", code="wrong_password")
