"""One bulk operation: how far it is, and how its file is laid out."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from simulator.stores.shopify.projecting import Line

LIVE = frozenset({"CREATED", "RUNNING", "CANCELING"})
_BUFFER = 4000
"""Lines among which those of a file are shuffled: children come far from their parents, or before them."""


@dataclass(slots=True, eq=False)
class Operation:
    """A bulk operation; `failure` is the error that it will end with, and after how many objects;
    `mistake` is one of the simulated shop's own."""

    number: int
    query: str
    created_at: datetime
    is_grouped: bool
    status: str = "CREATED"
    completed_at: datetime | None = None
    failure: tuple[str, int] | None = None
    error_code: str = ""
    objects: int = 0
    roots: int = 0
    size: int = 0
    is_written: bool = False
    has_file: bool = False
    mistake: Exception | None = None

    @property
    def gid(self) -> str:
        """Its global id."""
        return f"gid://shopify/BulkOperation/{self.number}"

    @property
    def is_to_fail(self) -> bool:
        """Whether it has come to where it breaks off."""
        return self.failure is not None and self.objects >= self.failure[1]

    def pages(self, found: Iterable[tuple[Line, list[Line]]], rng: random.Random) -> Iterator[bytes]:
        """The file, an object with what hangs on it at a time; shuffled unless objects are grouped."""
        waiting: list[bytes] = []
        for root, below in found:
            if self.is_to_fail:
                break
            written = [_encoded(line) for line in (root, *below)]
            room = len(written) if self.failure is None else max(0, self.failure[1] - self.objects)
            written = written[:room]
            self.roots += bool(written)
            self.objects += len(written)
            if self.is_grouped:
                yield b"".join(written)
                continue
            waiting += written
            if len(waiting) >= _BUFFER:
                rng.shuffle(waiting)
                half = len(waiting) // 2
                yield b"".join(waiting[:half])
                del waiting[:half]
            else:
                yield b""
        rng.shuffle(waiting)
        yield b"".join(waiting)


def _encoded(line: Line) -> bytes:
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
