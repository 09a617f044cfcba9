"""Providers of messages are found through entry points, ours and strangers'."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.metadata import EntryPoint

import pytest

from doorstep.errors import InvalidInput
from gateway.plugins import NOTIFIERS, load_plugins

PIGEON = "tests.unit.bootstrap.pigeon:"


def _with(*points: tuple[str, str]) -> Callable[[str], Iterable[EntryPoint]]:
    """An installation in which these packages name providers."""

    def find(group: str) -> Iterable[EntryPoint]:
        return [EntryPoint(name, value, group) for name, value in points] if group == NOTIFIERS else []

    return find


def test_ours_are_found_as_a_strangers_would_be() -> None:
    assert {"smtp", "twilio"} <= set(load_plugins().notifiers)


def test_a_strangers_provider_is_known_by_its_code() -> None:
    plugins = load_plugins(_with(("post", f"{PIGEON}CONNECTOR")))
    assert {code: plugin.name for code, plugin in plugins.notifiers.items()} == {"pigeon": "Pigeon post"}
    assert plugins.broken == {}


def test_one_that_is_broken_is_reported_and_left_out() -> None:
    points = (
        ("post", f"{PIGEON}CONNECTOR"),
        ("torn", f"{PIGEON}Loft"),
        ("gone", "no.such.package:CONNECTOR"),
    )
    plugins = load_plugins(_with(*points))
    assert set(plugins.notifiers) == {"pigeon"}
    assert set(plugins.broken) == {"torn", "gone"}
    assert plugins.broken["torn"] == "exports type where NotifierPlugin is needed"


def test_two_that_speak_for_one_provider_are_refused_by_both_their_names() -> None:
    rivals = _with(("post", f"{PIGEON}CONNECTOR"), ("faster", f"{PIGEON}RIVAL"))
    with pytest.raises(InvalidInput) as refused:
        load_plugins(rivals)
    assert refused.value.message == (
        f"Two plug-ins speak for pigeon: post ({PIGEON}CONNECTOR) and faster ({PIGEON}RIVAL). "
        "Uninstall one of them."
    )
    one_twice = _with(("post", f"{PIGEON}CONNECTOR"), ("mail", f"{PIGEON}CONNECTOR"))
    assert set(load_plugins(one_twice).notifiers) == {"pigeon"}, "one under two names is no two"
