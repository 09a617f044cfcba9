"""Pieces into boxes.

`packer.BoxPacker` is the way in. `check.check` has the last word on every answer; it shares no arithmetic
with the parts that make them (`room`, `filling`, `choosing`).
"""

from optimizer.packing.packer import BoxPacker

__all__ = ["BoxPacker"]
