"""The register of benchmarks: `python -m bench NAME [options]`.

Everything before the last line is for people; the last line is one JSON object for machines.
"""

from __future__ import annotations

import importlib
import json
import sys

BENCHMARKS = {
    "backfill": "bench.backfill",
    "checkout": "bench.checkout",
    "dispatch": "bench.dispatch",
    "eta": "bench.eta",
    "exceptions": "bench.exceptions",
    "ingest": "bench.ingest",
    "insert": "bench.insert",
    "interleaved": "bench.interleaved",
    "live": "bench.live",
    "matrix": "bench.matrix",
    "modes": "bench.modes",
    "packing": "bench.packing",
    "quote": "bench.quote",
    "routes": "bench.routes",
    "rules": "bench.rules",
    "sync": "bench.sync",
    "value": "bench.value",
    "webhooks": "bench.webhooks",
}
"""Name -> the module whose `main(arguments) -> dict` runs it."""


def main(arguments: list[str]) -> int:
    """Run the benchmark that the first argument names; the others are its own."""
    if not arguments or arguments[0] not in BENCHMARKS:
        print(f"usage: python -m bench NAME [options]\nNAME is one of: {', '.join(sorted(BENCHMARKS))}")
        return 2
    name, *options = arguments
    result = importlib.import_module(BENCHMARKS[name]).main(options)
    print(json.dumps({"bench": name, **result}, sort_keys=True))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
