"""The documents that whoever signs up accepts, and which version of each is current.

A version is the policy date that stands in the document itself.
"""

from collections.abc import Mapping

from sluice.errors import InvalidInput

CURRENT: Mapping[str, str] = {"terms": "2026-11-01", "privacy": "2026-11-01"}


def check_current(accepted: Mapping[str, str]) -> None:
    """Raises InvalidInput `document_not_current`, naming the version to accept, unless `accepted`
    names the current version of every document."""
    stale = {name: now for name, now in CURRENT.items() if accepted.get(name) != now}
    if stale:
        raise InvalidInput(
            "Accept the current version of each document; `errors` names them.",
            code="document_not_current",
            errors=[
                {"pointer": f"/body/accept/{name}", "message": f"The current version is {now}."}
                for name, now in stale.items()
            ],
        )
