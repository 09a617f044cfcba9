"""OSRM's own tools, which come with the wheel `osrm-bindings`.

They are found without importing it, since the import loads the whole engine.
"""

from __future__ import annotations

import subprocess
from collections import deque
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from optimizer.roads.errors import RoadsBuildFailed, RoadsUnavailable

_KEPT_LINES = 15


def osrm_package() -> Path:
    """Folder of the installed package `osrm`, found without importing it.

    Raises
    ------
    RoadsUnavailable
        If it is not installed.
    """
    spec = find_spec("osrm")
    if spec is None or spec.origin is None:
        raise RoadsUnavailable(
            "osrm-bindings is not installed, so there is no road engine; there are wheels for Linux x86_64 "
            "and aarch64 and for macOS on arm64. Without it travel times are estimated."
        )
    return Path(spec.origin).parent


def run_tool(
    step: str, arguments: Sequence[str], folder: Path, on_line: Callable[[str], None] = lambda _: None
) -> None:
    """Run ``osrm-<step>`` in a folder; whoever interrupts us ends it as well.

    Parameters
    ----------
    on_line
        Hears what the tool writes.

    Raises
    ------
    RoadsBuildFailed
        If it ends with an error; with its last lines.
    RoadsUnavailable
        If `osrm-bindings` is not installed.
    """
    command = [str(osrm_package() / "bin" / f"osrm-{step}"), *arguments]
    last_lines: deque[str] = deque(maxlen=_KEPT_LINES)
    process = subprocess.Popen(  # noqa: S603  the tools of an installed wheel, without a shell
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    with process:
        try:
            for line in process.stdout or ():
                if line.strip():
                    last_lines.append(line.rstrip())
                    on_line(line)
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise RoadsBuildFailed(step, process.returncode, last_lines)
