"""As much of a house as commands need whose stores and carriers are played."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

from gateway.auth.tokens import TrackingTokens
from gateway.bootstrap.commands import FlowCommands
from gateway.bootstrap.house import House
from gateway.store.unit_of_work import Transactions
from tests.integration.flow.stage import Stage


def part_of_a_house(stage: Stage, transactions: Transactions, tokens: TrackingTokens) -> House:
    rooms = SimpleNamespace(means=stage.means, links=stage.links, transactions=transactions, tokens=tokens)
    return cast(House, rooms)


def with_means(commands: FlowCommands, **changes: Any) -> FlowCommands:
    """The same commands, whose flow works with something else."""
    rooms = SimpleNamespace(**{**vars(commands.house), "means": replace(commands.means, **changes)})
    return replace(commands, house=cast(House, rooms))
