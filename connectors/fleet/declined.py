"""How the parts of a quote say no."""

from __future__ import annotations

from doorstep.quote import Decline, DeclineReason

CARRIER = "own_fleet"


class Declined(Exception):
    """The fleet cannot do it; becomes a `doorstep.quote.Decline` and never leaves this folder.

    Attributes
    ----------
    text
        A sentence for a dispatcher; no personal data.
    """

    def __init__(self, reason: DeclineReason, text: str) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text

    def told(self) -> Decline:
        """For others to read."""
        return Decline(CARRIER, self.reason, self.text)
