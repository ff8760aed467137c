"""Routes that come late answer as all others do, and cost nothing before."""

from collections.abc import Sequence

from fastapi import APIRouter

from sluice.http import create_app, lambda_handler
from sluice.late import Late
from tests.events import call


class Family:
    """Routes under a prefix, which count how often they were imported."""

    def __init__(self, prefix: str) -> None:
        self.imports = 0
        self.prefix = prefix
        self.late = Late((f"{prefix}/",), self.routers)

    def routers(self) -> Sequence[APIRouter]:
        self.imports += 1
        router = APIRouter(prefix=self.prefix)
        router.add_api_route("/things", things, methods=["GET"])
        router.add_api_route("/things", things, methods=["POST"])
        return [router]


async def things() -> list[str]:
    return ["a thing"]


early = APIRouter()
early.add_api_route("/now", things)


def test_routes_are_imported_when_a_path_of_theirs_is_asked_for_and_once() -> None:
    asked, left = Family("/asked"), Family("/left")
    handler = lambda_handler(create_app("test", [early], late=[asked.late, left.late]))

    answers = [
        call(handler, "GET", path).status
        for path in ("/now", "/asked/things", "/asked/nothing", "/asked/things", "/other")
    ]

    assert answers == [200, 200, 404, 200, 404]
    assert (asked.imports, left.imports) == (1, 0)


def test_a_late_path_tells_its_methods_as_any_other() -> None:
    handler = lambda_handler(create_app("test", [early], late=[Family("/asked").late]))

    answer = call(handler, "DELETE", "/asked/things")

    assert (answer.status, answer.headers["allow"]) == (405, "GET, POST")


def test_the_api_document_has_late_routes_too() -> None:
    family = Family("/late")
    app = create_app("test", [early], late=[family.late])

    documents = [app.openapi(), app.openapi()]

    assert [list(document["paths"]) for document in documents] == [["/now", "/late/things"]] * 2
    assert family.imports == 1
