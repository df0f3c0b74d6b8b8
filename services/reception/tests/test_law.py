"""docs/law.md says what the code does: made of the rules and of the tests that show them. Run this file to write it."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from cctv_gateway.service import service as cameras
from kit.law import PROVISIONS, Certainty, Provision
from kit.localisation import LOCALES, Catalogue
from reception.service import service

TESTS = Path(__file__).parent
OF_CAMERAS = TESTS.parents[1] / "cctv-gateway" / "tests"
PAGE = TESTS.parents[2] / "docs" / "law.md"
CATALOGUE = Catalogue(["kit", "reception", "cctv_gateway"])
MARKS = {Certainty.SEEN: "✔", Certainty.PARTLY: "◐", Certainty.RECALLED: "○"}
HEAD = """\
# The law, rule by rule

What Spilno carries out of the law of Ukraine on appeals and footage, and where. The page is made of the code
(`services/reception/tests/test_law.py`): each rule is a function that names its law beside itself, and a test marked
with its number shows that it holds. Numbers are those of the research behind the platform.

✔ the act's own text was read · ◐ read in part, in a secondary source, or applied by analogy · ○ remembered.
**Whatever is not ✔ waits for a lawyer's word**, and the office portal says so on its page "Calendar and law".
Terms are dated settings of each office (`template.yaml`, `Clocks.UpdateCalendar`), never constants of the code.

| | | law | what it says | function | shown by |
|---|---|---|---|---|---|
"""


def shown() -> dict[str, list[str]]:
    """The tests that show each rule, by its number."""
    found: dict[str, list[str]] = {}
    for path in [*sorted(TESTS.rglob("test_*.py")), *sorted(OF_CAMERAS.rglob("test_*.py"))]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for number in _marked(node):
                    found.setdefault(number, []).append(f"{_place(path)}::{node.name}")
    return found


def _place(path: Path) -> str:
    is_ours = path.is_relative_to(TESTS)
    return path.relative_to(TESTS).as_posix() if is_ours else f"cctv-gateway/{path.relative_to(OF_CAMERAS).as_posix()}"


def _marked(test: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    for mark in test.decorator_list:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.law":
            yield from (str(ast.literal_eval(number)) for number in mark.args)


def _row(provision: Provision, tests: list[str]) -> str:
    act = CATALOGUE.text(f"act {provision.act}", "en")
    law = f"{act}, art. {provision.article}" if provision.article else act
    says = CATALOGUE.text(provision.key, "en")
    proofs = "<br>".join(f"`{test}`" for test in tests)
    return (
        f"| {provision.number} | {MARKS[provision.certainty]} | {law} | {says} | `{provision.function}` | {proofs} |\n"
    )


def page() -> str:
    tests = shown()
    ordered = sorted(PROVISIONS.values(), key=lambda each: (int(each.number.removeprefix("L")), each.function))
    return HEAD + "".join(_row(each, tests.get(each.number, [])) for each in ordered)


def test_the_page_of_the_law_is_what_the_code_says() -> None:
    assert page() == PAGE.read_text(), "run: .venv/bin/python services/reception/tests/test_law.py"


def test_every_rule_of_the_law_is_shown_by_a_test() -> None:
    tests = shown()
    for each in (service, cameras):
        assert each.servicers, "the service's modules are read, and with them every rule"
    assert {each.number for each in PROVISIONS.values()} - tests.keys() == set()


def test_no_test_shows_a_rule_that_is_not_there() -> None:
    assert shown().keys() - {each.number for each in PROVISIONS.values()} == set()


@pytest.mark.parametrize("locale", LOCALES)
def test_every_rule_and_every_act_has_words(locale: str) -> None:
    keys = {key for each in PROVISIONS.values() for key in (each.key, f"act {each.act}")}
    assert {key for key in keys if not CATALOGUE.has(key, locale)} == set()


def test_a_rules_function_is_where_the_page_says() -> None:
    for each in PROVISIONS.values():
        module, _, name = each.function.rpartition(".")
        place = module if module.startswith("cctv_gateway.") else f"reception.{module}"
        assert callable(getattr(import_module(place), name)), each.function


if __name__ == "__main__":
    PAGE.write_text(page())
