"""Connectors, ours and strangers': all are found through the same entry points.

A plug-in that cannot be loaded is reported and left out; it never stops the gateway.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

import structlog

from doorstep.order import StorePlatform
from doorstep.ports import CarrierPlugin, StorePlugin

log = structlog.get_logger(__name__)

STORES = "doorstep.stores"
CARRIERS = ("doorstep.couriers", "doorstep.parcel")


@dataclass(frozen=True, slots=True)
class Plugins:
    """What could be loaded, and what could not: name -> reason."""

    stores: Mapping[StorePlatform, StorePlugin]
    carriers: Mapping[str, CarrierPlugin]
    broken: Mapping[str, str]


def load_plugins() -> Plugins:
    """Load every connector that is installed."""
    stores: dict[StorePlatform, StorePlugin] = {}
    carriers: dict[str, CarrierPlugin] = {}
    broken: dict[str, str] = {}
    for entry in entry_points(group=STORES):
        plugin = _load(entry, StorePlugin, broken)
        if isinstance(plugin, StorePlugin):
            stores[plugin.platform] = plugin
    for group in CARRIERS:
        for entry in entry_points(group=group):
            plugin = _load(entry, CarrierPlugin, broken)
            if isinstance(plugin, CarrierPlugin):
                carriers[plugin.carrier] = plugin
    return Plugins(stores, carriers, broken)


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
