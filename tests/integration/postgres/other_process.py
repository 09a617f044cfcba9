"""Another doorstep process: opens the folder, says so in a line of JSON, goes on until its input ends."""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path

from gateway.store.postgres import EmbeddedPostgres, PostgresUnavailable


def main() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    arguments = json.loads(sys.argv[1])
    server = EmbeddedPostgres(Path(arguments.pop("folder")), **arguments)
    try:
        with server:
            _say({"supervises": server.supervises, "pid": os.getpid()})
            for line in sys.stdin:
                if line.strip() == "stop":
                    break
                _say({"supervises": server.supervises, "pid": os.getpid()})
    except PostgresUnavailable as error:
        _say({"error": str(error)})


def _say(what: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
