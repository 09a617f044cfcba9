"""What goes wrong with roads.

DoorstepError
├── RoadsBuildFailed         one of OSRM's tools refused the map
├── NotServiceable
│   └── NoRoad               both places are on the map, and no road joins them
└── RemoteUnavailable
    └── RoadsUnavailable     the engine cannot be started or died twice
        └── RoadsTimedOut    it did not answer in time
"""

from __future__ import annotations

from collections.abc import Sequence

from doorstep.errors import DoorstepError, NotServiceable, RemoteUnavailable


class RoadsBuildFailed(DoorstepError):
    """A tool of OSRM ended with an error.

    Attributes
    ----------
    step
        "extract", "partition", "customize" or "contract".
    last_lines
        The last lines the tool wrote, oldest first.
    """

    def __init__(self, step: str, exit_code: int, last_lines: Sequence[str]) -> None:
        said = "\n".join(f"    {line}" for line in last_lines)
        super().__init__(f"osrm-{step} ended with exit code {exit_code}. Its last lines:\n{said}")
        self.step = step
        self.exit_code = exit_code
        self.last_lines = tuple(last_lines)


class NoRoad(NotServiceable):
    """Two neighbouring stops of a route are on the map, but no road joins them."""

    def __init__(self) -> None:
        super().__init__("No road joins two neighbouring stops of this route.")


class RoadsUnavailable(RemoteUnavailable):
    """The road engine cannot be started, or died twice during one question."""

    def __init__(self, message: str) -> None:
        super().__init__(message, system="roads")


class RoadsTimedOut(RoadsUnavailable):
    """The road engine did not answer in time and was ended; the next question starts a new one."""
