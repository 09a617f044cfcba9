"""What settings say of their versions."""

from __future__ import annotations

VERSION = "Another number after every change of these settings; expectedVersion takes it."
EXPECTED = "The version that was read, so that nobody's changes are overwritten unseen; any where absent."
