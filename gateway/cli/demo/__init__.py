"""`doorstep demo`: a whole simulated city around a real gateway, with one command.

The simulator is a process of its own that this package knows by its HTTP desk alone.
"""

from gateway.cli.demo.command import demo

__all__ = ["demo"]
