"""Connectors, ours and strangers': all are found through the same entry points.

A plug-in that cannot be loaded is reported and left out; it never stops the gateway. Two that speak for the
same one do: what a merchant entered for one must not go to the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points

import structlog

from doorstep.errors import InvalidInput
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
    """Load every connector that is installed.

    Raises
    ------
    InvalidInput
        If two speak for the same platform, carrier or provider.
    """
    stores: dict[StorePlatform, StorePlugin] = {}
    carriers: dict[str, CarrierPlugin] = {}
    notifiers: dict[str, NotifierPlugin] = {}
    broken: dict[str, str] = {}
    entries: dict[int, EntryPoint] = {}
    for entry in find(STORES):
        plugin = _load(entry, StorePlugin, broken)
        if isinstance(plugin, StorePlugin):
            _keep(stores, plugin.platform, plugin, entry, entries)
    for group in CARRIERS:
        for entry in find(group):
            plugin = _load(entry, CarrierPlugin, broken)
            if isinstance(plugin, CarrierPlugin):
                _keep(carriers, plugin.carrier, plugin, entry, entries)
    for entry in find(NOTIFIERS):
        plugin = _load(entry, NotifierPlugin, broken)
        if isinstance(plugin, NotifierPlugin):
            _keep(notifiers, plugin.provider, plugin, entry, entries)
    return Plugins(stores, carriers, broken, notifiers)


def _keep[K, P](
    kept: dict[K, P], code: K, plugin: P, entry: EntryPoint, entries: dict[int, EntryPoint]
) -> None:
    """Keep a plug-in by its code; `entries` says by its identity how each was found."""
    other = kept.get(code)
    if other is not None and other is not plugin:
        both = " and ".join(f"{one.name} ({one.value})" for one in (entries[id(other)], entry))
        raise InvalidInput(f"Two plug-ins speak for {code}: {both}. Uninstall one of them.")
    kept[code] = plugin
    entries[id(plugin)] = entry


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
