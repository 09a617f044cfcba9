"""The one place where karrio is imported: late, quietly, and without what its import does to the process.

Importing karrio 2026.1.32 makes every `urllib` and `http.client` call of the process accept any certificate,
lets Pillow read pictures that were cut off, writes log lines of its own to the standard error stream and
warns about a library that is at its end. None of that gets through here. Its `gateway` is never touched: that
would import every installed plug-in and look for more; only the mapper of the wanted carrier is.
"""

from __future__ import annotations

import importlib
import logging
import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

HOW_TO_INSTALL = "pip install 'doorstep[parcel]'"

NOWHERE = "offline:"
"""Stands for the address of a carrier's server in karrio's settings: no `urllib` opens it.

Two of karrio's parsers call the carrier by themselves (FedEx's and DHL's proof of delivery), without a
time-out and without our credentials; they get no further than this.
"""

_LOCK = threading.RLock()


@dataclass(frozen=True, slots=True)
class Library:
    """What of karrio one carrier needs: mapper and settings, the models, and readers of JSON and XML."""

    mapper: Any
    settings: Any
    models: Any
    lib: Any


def is_installed(module: str) -> bool:
    """Whether karrio and its plug-in for a carrier are there; imports nothing of weight."""
    try:
        return find_spec(f"karrio.mappers.{module}") is not None
    except ModuleNotFoundError:
        return False


def load(module: str) -> Library:
    """Import one carrier's mapper; takes up to a second the first time, so never in an event loop.

    Raises
    ------
    ModuleNotFoundError
        If it is not installed.
    """
    with _LOCK, _as_if_nothing_happened():
        carrier = importlib.import_module(f"karrio.mappers.{module}")
        return Library(
            mapper=carrier.Mapper,
            settings=type("OfflineSettings", (carrier.Settings,), {"server_url": NOWHERE}),
            models=importlib.import_module("karrio.core.models"),
            lib=importlib.import_module("karrio.lib"),
        )


@contextmanager
def _as_if_nothing_happened() -> Iterator[None]:
    pictures: Any = importlib.import_module("PIL.ImageFile")
    takes_torn_pictures = pictures.LOAD_TRUNCATED_IMAGES
    # karrio says `ssl._create_default_https_context = ssl._create_unverified_context`. For as long as it is
    # being imported the second name stands for the first, so there is no moment without verification.
    verified, unverified = ssl._create_default_https_context, ssl._create_unverified_context
    ssl._create_unverified_context = verified  # type: ignore[assignment]  # undone below
    # The logger's own tracebacks could hold addresses. Disabled by name, so that others keep theirs.
    importlib.import_module("loguru").logger.disable("karrio")
    # And the reader of its models warns of fields that it does not know with all that stands in them.
    logging.getLogger("jstruct").setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        ssl._create_unverified_context = unverified
        ssl._create_default_https_context = verified
        pictures.LOAD_TRUNCATED_IMAGES = takes_torn_pictures
