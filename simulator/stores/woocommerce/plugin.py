"""Doorstep's own plugin in a simulated shop: the settings page's button, and the route that takes keys.

Written from the plugin's PHP (`ConnectionRoute`, `Connection`): a state serves once within the hour; without
one only the site that is connected already is renewed.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from doorstep.clock import Clock
from simulator.stores.woocommerce.answers import Asked, Counter, Result, Routes, no_route, refusal

ROUTE = "wc-doorstep/v1/connection"
PARTS = ("gateway", "site", "key", "secret", "merchant")

_STATE_LASTS = timedelta(hours=1)
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


class DoorstepPlugin:
    """The plugin of one shop.

    Attributes
    ----------
    is_active
        Whether it is installed and switched on.
    kept
        What a gateway handed over; {} before that.
    """

    def __init__(self, clock: Clock) -> None:
        self.is_active = False
        self.kept: dict[str, str] = {}
        self._clock = clock
        self._state = ""
        self._ends_at: datetime | None = None
        # Of its own, so that pressing the button does not change what else happens in the world.
        self._rng = random.Random("states of the plugin")

    def press_connect(self) -> str:
        """The merchant presses the button; gives the state that goes along."""
        self._state = "".join(self._rng.choices(_LETTERS, k=40))
        self._ends_at = self._clock.now() + _STATE_LASTS
        return self._state

    def disconnect(self) -> None:
        """Forget the gateway."""
        self.kept = {}
        self._state = ""

    def routes(self) -> Routes:
        """Of the plugin, for keys of people who may manage the shop."""
        return (("GET", ROUTE, self._show), ("POST", ROUTE, self._connect), ("DELETE", ROUTE, self._forget))

    def _show(self, _counter: Counter, _asked: Asked) -> Result:
        return Result(200, self._standing()) if self.is_active else no_route()

    def _connect(self, _counter: Counter, asked: Asked) -> Result:
        if not self.is_active:
            return no_route()
        given = {part: str(asked.payload.get(part) or "") for part in (*PARTS, "state")}
        if not self._expects(given["state"], given["site"]):
            return refusal(403, "doorstep_state", "This shop did not ask to be connected.")
        if not all(given[part] for part in ("gateway", "site", "key", "secret")):
            return refusal(400, "doorstep_incomplete", "The gateway's address has to begin with https.")
        self.kept = {part: given[part] for part in PARTS}
        self._state = ""
        return Result(200, self._standing())

    def _forget(self, _counter: Counter, _asked: Asked) -> Result:
        if not self.is_active:
            return no_route()
        self.disconnect()
        return Result(200, self._standing())

    def _expects(self, state: str, site: str) -> bool:
        is_fresh = self._ends_at is not None and self._clock.now() < self._ends_at
        if self._state and is_fresh and state == self._state:
            return True
        return bool(self.kept) and self.kept["site"] == site

    def _standing(self) -> dict[str, Any]:
        return {
            "connected": bool(self.kept),
            "site": self.kept.get("site", ""),
            "gateway": self.kept.get("gateway", ""),
            "plugin": "1.0.0",
            "woocommerce": "10.5.0",
        }
