"""`doorstep operators`: who is told when something needs a person."""

from __future__ import annotations

import click

from gateway.cli.running import run, settings


@click.group()
def operators() -> None:
    """Channels of your own that incidents are told on; DOORSTEP_OPERATOR_CHANNELS names them."""


@operators.command("list")
def list_channels() -> None:
    """Show the channels, and from which severity on each is told."""
    from gateway.bootstrap.operators import read_channels

    channels = read_channels(settings().operator_channels)
    for channel in channels:
        click.echo(f"{channel.scheme}://…  from {channel.least} on")
    if not channels:
        click.echo("Nobody is told.", err=True)


@operators.command("test")
def try_channels() -> None:
    """Write to every channel. Ends with 1 where one does not work."""
    from gateway.bootstrap.operators import AppriseOperators, read_channels

    channels = AppriseOperators(read_channels(settings().operator_channels))
    results = run(channels.try_all)
    for scheme, is_well in results:
        click.echo(f"{'ok  ' if is_well else 'FAIL'}  {scheme}://…")
    if not all(is_well for _, is_well in results):
        raise SystemExit(1)
