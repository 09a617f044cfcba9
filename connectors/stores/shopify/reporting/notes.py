"""What we know of what a shop shows, kept by the caller as JSON between two reports. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields

VERSION = 1
"""Of the notes; those of another are read as none, so that the shop itself is read."""


@dataclass(frozen=True, slots=True)
class Notes:
    """Gids and digests only: no personal data.

    Attributes
    ----------
    wish
        Digest of what was wished for last, all of which is shown as far as the shop takes it.
    is_over
        The fulfillment order takes neither goods nor holds any more.
    is_spent
        And no fulfillment of it counts, so that there is nothing to adopt either.
    is_in_progress, is_progress_ours
        It shows progress, and we reported it.
    fulfillment_id
        Gid of the fulfillment that shows our delivery; "" for none.
    is_by_hand
        Staff made it and gave it a tracking of their own: neither that nor the fulfillment is ours to change.
    tracking
        Digest of the tracking that it shows.
    milestones
        Those that it shows: our id -> gid of the event.
    hold_id, hold
        Gid and digest of our hold; "" for none.
    """

    wish: str = ""
    is_over: bool = False
    is_spent: bool = False
    is_in_progress: bool = False
    is_progress_ours: bool = False
    fulfillment_id: str = ""
    is_by_hand: bool = False
    tracking: str = ""
    milestones: Mapping[str, str] = field(default_factory=dict)
    hold_id: str = ""
    hold: str = ""


def write_notes(notes: Notes) -> str:
    """As JSON, without what says nothing."""
    told = {name: value for name, value in asdict(notes).items() if value}
    return json.dumps({"version": VERSION, **told}, separators=(",", ":"), sort_keys=True)


def read_notes(told: str) -> Notes | None:
    """Notes of an earlier report; empty ones of "", None where they cannot be read."""
    if not told:
        return Notes()
    try:
        document = json.loads(told)
    except ValueError:
        return None
    if not isinstance(document, dict) or document.pop("version", None) != VERSION:
        return None
    blank = asdict(Notes())
    if any(name not in blank or type(value) is not type(blank[name]) for name, value in document.items()):
        return None
    milestones = document.get("milestones", {})
    if not all(isinstance(value, str) for value in milestones.values()):
        return None
    return Notes(**{entry.name: document[entry.name] for entry in fields(Notes) if entry.name in document})
