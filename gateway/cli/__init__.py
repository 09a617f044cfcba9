"""The command `doorstep`. Heavy parts load only when a command needs them."""

from __future__ import annotations

import importlib

import click

from doorstep import __version__
from doorstep.errors import DoorstepError

COMMANDS = {
    "demo": "gateway.cli.demo:demo",
    "serve": "gateway.cli.processes:serve",
    "worker": "gateway.cli.processes:worker",
    "migrate": "gateway.cli.processes:migrate",
    "doctor": "gateway.cli.doctor:doctor",
    "merchant": "gateway.cli.accounts:merchant",
    "store": "gateway.cli.stores:store",
    "carrier": "gateway.cli.accounts:carrier",
    "driver": "gateway.cli.accounts:driver",
    "device": "gateway.cli.devices:device",
    "positions": "gateway.cli.devices:positions",
    "person": "gateway.cli.people:person",
    "token": "gateway.cli.accounts:token",
    "sync": "gateway.cli.sync:sync",
    "quarantine": "gateway.cli.sync:quarantine",
    "privacy": "gateway.cli.privacy:privacy",
    "messages": "gateway.cli.messages:messages",
    "operators": "gateway.cli.operators:operators",
    "webhook": "gateway.cli.webhooks:webhook",
    "jobs": "gateway.cli.jobs:jobs",
    "prices": "gateway.cli.prices:prices",
    "roads": "gateway.cli.roads:roads",
    "routes": "gateway.cli.routes:routes",
}


class LazyGroup(click.Group):
    """Imports a command's module when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """In the order that a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, or None where there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Show expected errors as one sentence, without a traceback."""
        try:
            return super().invoke(ctx)
        except DoorstepError as error:
            raise click.ClickException(error.message) from None


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="doorstep")
def main() -> None:
    """Doorstep joins a store to every way of delivering.

    Settings come from the environment; docs/settings.md lists them. Begin with `doorstep demo`.
    """
