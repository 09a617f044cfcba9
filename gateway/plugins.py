"""Connectors, ours and strangers': all are found through the same entry points.

A plug-in that cannot be loaded is reported and left out; it never stops the gateway.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points

import structlog

from doorstep.order import StorePlatform
from doorstep.ports import CarrierPlugin, StorePlugin
from doorstep.ports.notifiers import NotifierPlugin

log = structlog.get_logger(__name__)

STORES = "doorstep.stores"
CARRIERS = ("doorstep.couriers", "doorstep.parcel")
NOTIFIERS = "doorstep.notifiers"

Find = Callable[[str], Iterable[EntryPoint]]
"""Entry points of a group."""


@dataclass(frozen=True, slots=True)
class Plugins:
    """What could be loaded, and what could not: name -> reason."""

    stores: Mapping[StorePlatform, StorePlugin]
    carriers: Mapping[str, CarrierPlugin]
    broken: Mapping[str, str]
    notifiers: Mapping[str, NotifierPlugin] = field(default_factory=dict)


def _installed(group: str) -> Iterable[EntryPoint]:
    return entry_points(group=group)


def load_plugins(find: Find = _installed) -> Plugins:
    """Load every connector that is installed."""
    stores: dict[StorePlatform, StorePlugin] = {}
    carriers: dict[str, CarrierPlugin] = {}
    notifiers: dict[str, NotifierPlugin] = {}
    broken: dict[str, str] = {}
    for entry in find(STORES):
        plugin = _load(entry, StorePlugin, broken)
        if isinstance(plugin, StorePlugin):
            stores[plugin.platform] = plugin
    for group in CARRIERS:
        for entry in find(group):
            plugin = _load(entry, CarrierPlugin, broken)
            if isinstance(plugin, CarrierPlugin):
                carriers[plugin.carrier] = plugin
    for entry in find(NOTIFIERS):
        plugin = _load(entry, NotifierPlugin, broken)
        if isinstance(plugin, NotifierPlugin):
            notifiers[plugin.provider] = plugin
    return Plugins(stores, carriers, broken, notifiers)


def _load(entry: EntryPoint, kind: type, broken: dict[str, str]) -> object | None:
    try:
        plugin = entry.load()
    except Exception as error:
        broken[entry.name] = f"{type(error).__name__}: {error}"
        log.warning("plug-in left out", name=entry.name, group=entry.group, error=type(error).__name__)
        return None
    if not isinstance(plugin, kind):
        broken[entry.name] = f"exports {type(plugin).__name__} where {kind.__name__} is needed"
        log.warning("plug-in exports the wrong thing", name=entry.name, group=entry.group)
        return None
    return plugin
