"""The documents say what the code says."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import json
import pkgutil
import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

import doorstep
from doorstep.secret import Secret
from gateway.config import Settings
from gateway.flow import HANDLERS
from tests.architecture.repository import ROOT, files, table_rows

DOCS = ROOT / "docs"
DECISIONS = sorted(path for path in (DOCS / "decisions").glob("*.md") if path.name != "README.md")
PAGES = [path for path in files() if path.suffix == ".md"]
SCHEMA = build_schema((ROOT / "schema.graphql").read_text())

WORDS = """
    Merchant Store Order FulfillmentOrder Parcel Option Quote Promise Slot Delivery Leg Route Stop Driver
    Vehicle Incident DeliveryException Playbook Scorecard
""".split()


def test_the_page_of_settings_lists_every_setting_as_the_code_has_it() -> None:
    settings = [
        [f"`{field.metadata['name']}`", _shown(field), field.metadata["help"]]
        for field in dataclasses.fields(Settings)
    ]
    assert table_rows((DOCS / "settings.md").read_text()) == settings


def test_the_glossary_has_every_word_of_the_domain() -> None:
    assert set(WORDS) - _glossary() == set()


def test_the_glossary_has_every_value_of_the_ground_floor() -> None:
    assert {name for name, _ in _values()} - _glossary() == set()


def test_the_glossary_has_no_value_that_the_ground_floor_lost() -> None:
    """Names in code font are classes of `doorstep`, or words that the outside uses."""
    known = {name for module in _modules() for name, _ in inspect.getmembers(module, inspect.isclass)}
    outside = {"DeliveryException"}
    text = (DOCS / "glossary.md").read_text()
    named = {row[0].strip("`") for row in table_rows(text) if row[0].startswith("`")}
    assert named - known - outside == set()


def test_the_doctors_page_has_every_code_that_a_check_names() -> None:
    page = (DOCS / "doctor.md").read_text()
    assert sorted({code for code in _fault_codes() if f"`{code}`" not in page}) == []


def test_the_architecture_tells_which_handlers_follow_from_each_event() -> None:
    told: dict[str, set[str]] = {}
    for row in table_rows((DOCS / "architecture.md").read_text()):
        for event in re.findall(r"`(\w+)`", row[0]):
            told.setdefault(event, set()).update(re.findall(r"`(\w+)`", row[1]))
    follows = {event.__name__: {act.__name__ for act in acts} for event, acts in HANDLERS.items()}
    assert {event: told.get(event) for event in follows} == follows


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_says_why_what_and_what_follows(path: Path) -> None:
    head, *sections = re.split(r"^## ", path.read_text(), flags=re.MULTILINE)
    assert re.match(rf"# {path.stem[:4]}\. \S", head)
    titles = [section.partition("\n")[0] for section in sections]
    assert titles == ["Context", "Decision", "Consequences"]
    assert all(section.partition("\n")[2].strip() for section in sections)


def test_decisions_are_numbered_without_gaps_and_listed() -> None:
    assert [path.name[:4] for path in DECISIONS] == [f"{n:04}" for n in range(1, len(DECISIONS) + 1)]
    listed = (DOCS / "decisions" / "README.md").read_text()
    assert [path.name for path in DECISIONS if f"({path.name})" not in listed] == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_page_links_only_to_what_is_there(page: Path) -> None:
    links = re.findall(r"\[[^\]]*\]\(([^)#\s]+)", (ROOT / page).read_text())
    local = [link for link in links if "://" not in link and not link.startswith("mailto:")]
    assert [link for link in local if not (ROOT / page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_the_queries_on_a_page_fit_the_schema(page: Path) -> None:
    text = (ROOT / page).read_text()
    bodies = [json.loads(body)["query"] for body in re.findall(r"-d '(\{.*?\})'", text, re.DOTALL)]
    queries = bodies + re.findall(r"^```graphql\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert [error.message for query in queries for error in validate(SCHEMA, parse(query))] == []


def _shown(field: dataclasses.Field[object]) -> str:
    """A default as the page shows it."""
    if field.name == "home":
        return "see below"
    default = field.default
    if default in ("", (), None) or (isinstance(default, Secret) and not default):
        return "empty"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _fault_codes() -> Iterator[str]:
    """The texts that are given as `fault` of a `HealthCheck`."""
    for path in files():
        if path.suffix != ".py" or path.parts[0] not in {"connectors", "gateway"}:
            continue
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "HealthCheck":
                faults = [*node.args[3:], *(word.value for word in node.keywords if word.arg == "fault")]
                yield from (str(fault.value) for fault in faults if isinstance(fault, ast.Constant))


def _glossary() -> set[str]:
    return {row[0].strip("`") for row in table_rows((DOCS / "glossary.md").read_text())}


def _modules() -> Iterator[object]:
    for found in pkgutil.iter_modules(doorstep.__path__):
        yield importlib.import_module(f"doorstep.{found.name}")


def _values() -> Iterator[tuple[str, type]]:
    for module in _modules():
        for name, kind in inspect.getmembers(module, inspect.isclass):
            is_value = dataclasses.is_dataclass(kind) or issubclass(kind, Enum)
            if is_value and kind.__module__ == getattr(module, "__name__", "") and not name.startswith("_"):
                yield name, kind
