"""What the caller keeps between two reports. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """What the caller keeps between reports; without it the store is read once more, nothing is doubled.

    Attributes
    ----------
    notes
        References of the notes that are in the store for certain.
    fulfillment
        What was wanted of the native fulfillment when it was last settled.
    """

    notes: tuple[str, ...] = ()
    fulfillment: str = ""

    @classmethod
    def of_text(cls, text: str) -> Told:
        """Read what `as_text` wrote; anything else reads as nothing."""
        try:
            value = json.loads(text or "{}")
        except ValueError:
            return cls()
        if not isinstance(value, dict):
            return cls()
        notes, fulfillment = value.get("notes"), value.get("fulfillment")
        return cls(
            notes=tuple(str(note) for note in notes) if isinstance(notes, list) else (),
            fulfillment=fulfillment if isinstance(fulfillment, str) else "",
        )

    def as_text(self) -> str:
        """JSON, the same for the same."""
        return json.dumps({"notes": sorted(self.notes), "fulfillment": self.fulfillment})
