"""Word: what is said of a door, and how it joins what is known of it already."""

from __future__ import annotations

from dataclasses import dataclass

_LEAVE = "Leave it here: "


@dataclass(frozen=True, slots=True)
class Word:
    """What is said of a door; personal data. "" changes nothing."""

    safe_place: str = ""
    instructions: str = ""

    def onto(self, before: str) -> str:
        """The text for whoever stands there: where to leave it on the first line, the rest below.

        A carrier cuts a long text at its end, and a place is shorter and matters more.

        Parameters
        ----------
        before
            What they were told so far; what this word says nothing of stays.
        """
        place, rest = _parts(before)
        said = " ".join(self.safe_place.split())
        place, rest = said or place, self.instructions or rest
        return "\n".join(part for part in (f"{_LEAVE}{place}" if place else "", rest) if part)


def _parts(text: str) -> tuple[str, str]:
    """Where to leave it, and everything else."""
    if not text.startswith(_LEAVE):
        return "", text
    place, _, rest = text.removeprefix(_LEAVE).partition("\n")
    return place, rest
