"""What a live message costs, beside plain Strawberry and a raw socket; see `bench.live.run`."""

from bench.live.run import main

__all__ = ["main"]
