"""Test the pages that ship with the gateway, alone and in a Chromium against a running demo; for `make test`.

Starts `doorstep demo` in a folder of its own, runs `npm test` with its address, and ends it. Fails as well if
the demo does not start, or does not end by itself when asked to.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START_S = 120
END_S = 60


class Failed(Exception):
    """Something that a sentence says enough about."""


def main() -> int:
    """Run the tests; the exit code says whether all passed."""
    try:
        chromium = _chromium()
        with tempfile.TemporaryDirectory(prefix="dsd-") as home:
            # As root, PostgreSQL runs as another account, which must be able to pass through.
            Path(home).chmod(0o711)
            with running_demo(home) as url:
                environment = os.environ | {"CHROMIUM": chromium, "DOORSTEP_DEMO_URL": url}
                return subprocess.run(
                    ["npm", "test", "--silent"],  # noqa: S607 - npm is wherever PATH has it
                    cwd=ROOT,
                    env=environment,
                    check=False,
                ).returncode
    except Failed as failure:
        print(failure, file=sys.stderr)  # noqa: T201 - a script speaks here
        return 1


@contextmanager
def running_demo(home: str) -> Iterator[str]:
    """A demo for as long as the block lasts; gives the address of its page."""
    command = [sys.executable, "-m", "gateway", "demo", "--port", "0", "--no-open"]
    demo = subprocess.Popen(  # noqa: S603 - a fixed command
        command, cwd=ROOT, env=os.environ | {"DOORSTEP_HOME": home}, stderr=subprocess.PIPE, text=True
    )
    said: list[str] = []
    found = threading.Event()
    listener = threading.Thread(target=_listen, args=(demo, said, found))
    listener.start()
    try:
        found.wait(START_S)
        address = re.search(r"http://\S+/demo", "".join(said))
        if address is None:
            raise Failed("The demo did not start:\n" + "".join(said[-40:]))
        yield address[0]
        if demo.poll() is not None:
            raise Failed("The demo ended by itself:\n" + "".join(said[-40:]))
    finally:
        has_ended = _end(demo)
        listener.join()
    if not has_ended:
        raise Failed("The demo did not end when asked to:\n" + "".join(said[-40:]))


def _listen(demo: subprocess.Popen[str], said: list[str], found: threading.Event) -> None:
    for line in demo.stderr or ():
        said.append(line)
        if "/demo" in line:
            found.set()
    # Its end: nobody needs to wait any longer.
    found.set()


def _end(demo: subprocess.Popen[str]) -> bool:
    """Ask it to end as Ctrl-C does; whether it did so by itself."""
    demo.send_signal(signal.SIGINT)
    try:
        demo.wait(END_S)
    except subprocess.TimeoutExpired:
        demo.kill()
        demo.wait()
        return False
    return True


def _chromium() -> str:
    found = subprocess.run([ROOT / "scripts/find-chromium"], capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if found.returncode != 0:
        raise Failed(found.stderr.strip())
    return found.stdout.strip()


if __name__ == "__main__":
    raise SystemExit(main())
