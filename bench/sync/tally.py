"""What was counted at the end, and examples of it for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

KINDS = ("lost", "doubled", "stale", "echoed", "wrong_fulfilments")

_EXAMPLES = 5


@dataclass
class Tally:
    """Faults by kind and by what exactly was wrong.

    Attributes
    ----------
    checked
        Orders and deliveries that were compared, so that nothing passes by being empty.
    """

    checked: Counter[str] = field(default_factory=Counter)
    _found: Counter[tuple[str, str]] = field(default_factory=Counter)
    _examples: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def add(self, kind: str, what: str, example: str = "", times: int = 1) -> None:
        """Something is wrong."""
        self._found[kind, what] += times
        examples = self._examples.setdefault((kind, what), [])
        if len(examples) < _EXAMPLES:
            examples.append(example)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many of each kind."""
        return {kind: sum(n for (one, _), n in self._found.items() if one == kind) for kind in KINDS}

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self._found

    def lines(self) -> list[str]:
        """What is wrong, in lines for people."""
        return [
            f"{kind}: {n} x {what}: {'; '.join(filter(None, self._examples[kind, what]))}"
            for (kind, what), n in sorted(self._found.items())
        ]
