"""What a process imports only once it is asked for: what few requests need."""

from collections.abc import Sequence

from fastapi import APIRouter

from sluice.late import Late


def _factors() -> Sequence[APIRouter]:
    from functions.auth.factors import entry, routes

    return [routes.router, entry.router]


ROUTES = (
    Late(
        (
            "/v1/auth/factors",
            "/v1/auth/sign-in/second-factor",
            "/v1/auth/sign-in/passkey",
            "/v1/auth/step-up/options",
        ),
        _factors,
    ),
)
"""In the order of the API document."""
