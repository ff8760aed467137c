"""Every machine code is explained in docs/errors.md, where the problems' `type` leads."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from sluice import errors
from sluice.errors import SluiceError
from sluice.http import problem
from sluice.principal import LIMITATIONS

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
EXPLAINED = set(re.findall(r"^### (\w+)$", DOCUMENT, re.MULTILINE))
DEPLOYED = ("functions", "layers/sluice/python", "models")
_NAMES_A_CODE = {
    "fail": 1,
    "_error": 0,
    "RefusedError": 0,
    "InvalidInputError": 0,
    "BadSoundError": 0,
}
"""Functions that take a code by position, and which."""
_CODE = re.compile(r"[a-z]+(_[a-z]+)*")


def classes() -> list[type[SluiceError]]:
    return [
        each
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, SluiceError)
    ]


def codes_in(source: Path) -> Iterator[str]:
    module = ast.parse(source.read_text(encoding="utf-8"))
    named = {
        target.id: assigned.value
        for assigned in module.body
        if isinstance(assigned, ast.Assign)
        for target in assigned.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(module):
        if not isinstance(node, ast.Call):
            continue
        given = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        place = _NAMES_A_CODE.get(name)
        if place is not None and len(node.args) > place:
            given.append(node.args[place])
        for one in given:
            value = named.get(one.id, one) if isinstance(one, ast.Name) else one
            if isinstance(value, ast.Constant) and _CODE.fullmatch(str(value.value)):
                yield str(value.value)


def test_every_code_in_the_tree_and_in_the_sources_is_explained() -> None:
    sources = [path for folder in DEPLOYED for path in (ROOT / folder).rglob("*.py")]
    codes = {code for source in sources for code in codes_in(source)} | set(LIMITATIONS)

    assert codes >= {"job_not_found", "content_blocked", "input_too_long", "unpriced_unit"}
    assert codes | {each.code for each in classes()} == EXPLAINED


def test_a_problem_leads_to_its_explanation_with_the_status_that_stands_there() -> None:
    for each in classes():
        status, body = problem(each("Something."), "req_1")
        said = re.search(rf"^### {each.code}\n(\d+)\. ", DOCUMENT, re.MULTILINE)

        assert body["type"] == f"/docs/errors#{each.code}"
        assert said is not None, each.code
        assert int(said.group(1)) == status == each.status


def test_the_trees_picture_names_every_class() -> None:
    picture = errors.__doc__ or ""

    for each in classes():
        assert each.__name__ in picture
