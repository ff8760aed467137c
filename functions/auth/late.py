"""What a process imports only once it is asked for: what few requests need."""

from collections.abc import Sequence

from fastapi import APIRouter

from sluice.late import Late


def _factors() -> Sequence[APIRouter]:
    from functions.auth.factors import entry, routes

    return [routes.router, entry.router]


def _challenges() -> Sequence[APIRouter]:
    from functions.auth.challenges import routes

    return [routes.router]


def _leaks() -> Sequence[APIRouter]:
    from functions.auth.leaks import routes

    return [routes.router]


def _closing() -> Sequence[APIRouter]:
    from functions.auth.closing.routes import router

    return [router]


def _providers() -> Sequence[APIRouter]:
    from functions.auth.identities import routes as identities
    from functions.auth.providers import routes as providers

    return [providers.router, identities.router]


def _organizations() -> Sequence[APIRouter]:
    from functions.auth.invitations import routes as invitations
    from functions.auth.members import routes as members
    from functions.auth.organizations import routes as organizations

    return [organizations.router, members.router, invitations.router]


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
    Late(("/v1/auth/challenge",), _challenges),
    Late(("/v1/auth/leaked-keys",), _leaks),
    Late(("/v1/auth/providers", "/v1/auth/identities"), _providers),
    Late(
        (
            "/v1/auth/account",
            "/v1/auth/organizations",
            "/v1/auth/members",
            "/v1/auth/invitations",
        ),
        _organizations,
    ),
    Late(("/v1/auth/closing",), _closing),
)
"""In the order of the API document."""
