"""What we leave in an order's own meta: how its delivery stands, and whether we put it on hold. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MEMORY_KEY = "_doorstep_delivery"
ON_HOLD = "on-hold"


@dataclass(frozen=True, slots=True)
class Memory:
    """The meta `_doorstep_delivery` of an order, which our own plugin shows and which reports decide by.

    It changes together with the order's status, in one write: so it always tells who put the order on hold.

    Attributes
    ----------
    delivery_id, status, tracking_url
        As last reported.
    held_for
        Why a person is waited for: "hold", "failure", or "" where nobody is.
    holds
        How many times that began.
    held_from
        The status that we took the order from when we put it on hold; "" where we did not.
    """

    delivery_id: str = ""
    status: str = ""
    tracking_url: str = ""
    held_for: str = ""
    holds: int = 0
    held_from: str = ""

    @classmethod
    def of_meta(cls, value: object) -> Memory:
        """Read it; what a person or a plugin spoiled reads as nothing."""
        if not isinstance(value, Mapping):
            return cls()
        holds = value.get("holds")
        return cls(
            delivery_id=_text(value, "id"),
            status=_text(value, "status"),
            tracking_url=_text(value, "tracking_url"),
            held_for=_text(value, "held_for"),
            holds=int(holds) if isinstance(holds, int | str) and str(holds).isdecimal() else 0,
            held_from=_text(value, "held_from"),
        )

    def as_meta(self) -> dict[str, Any]:
        """As it is written; read back, it is the same."""
        return {
            "id": self.delivery_id,
            "status": self.status,
            "tracking_url": self.tracking_url,
            "held_for": self.held_for,
            "holds": self.holds,
            "held_from": self.held_from,
        }


def _text(value: Mapping[str, Any], name: str) -> str:
    given = value.get(name)
    return given if isinstance(given, str) else ""
