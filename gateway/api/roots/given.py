"""How root fields name what clients give in."""

from __future__ import annotations

import strawberry

INPUT = strawberry.argument(name="input")
"""The one argument of a write; what is wrong with it is told by its path, ("input", field, …)."""
