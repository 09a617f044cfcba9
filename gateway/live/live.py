"""The one object that others know: publish, subscribe, last positions, health."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from doorstep.clock import Clock
from doorstep.health import HealthCheck
from doorstep.secret import Secret
from gateway.live.hub import Hub
from gateway.live.message import LiveKind, LiveMessage
from gateway.live.positions import LastPositions, ProcessPositions
from gateway.live.subscription import Subscription
from gateway.live.witness import PATIENCE_S


class _Bus(Protocol):
    @property
    def problem(self) -> str: ...

    def publish(self, messages: Sequence[LiveMessage], token: str = "") -> None: ...

    def committed(self, messages: Sequence[LiveMessage], token: str) -> None: ...

    async def close(self) -> None: ...


class Live:
    """Live updates of one process, joined with others where there is a shared server.

    Attributes
    ----------
    positions
        Where each driver was seen last.
    """

    def __init__(self, hub: Hub, bus: _Bus, positions: LastPositions, *, is_shared: bool) -> None:
        self._hub = hub
        self._bus = bus
        self._is_shared = is_shared
        self.positions = positions

    def publish(self, messages: Iterable[LiveMessage], token: str = "") -> None:
        """Tell watchers, after the commit of what they will read. Returns at once and never fails.

        Moves on the topic `drivers` become last positions by themselves.

        Parameters
        ----------
        token
            By this name other processes hear of the commit too, wherever these messages get to.
        """
        self._bus.publish(tuple(messages), token)

    def committed(self, messages: Iterable[LiveMessage], token: str) -> None:
        """Another process committed what these tell: should it not tell them soon, it is done here."""
        self._bus.committed(tuple(messages), token)

    def missed(self) -> None:
        """Something may have been committed of which nobody will hear: all watchers read anew."""
        self._hub.publish([LiveMessage("", "", "", LiveKind.RESET)])

    def subscribe(
        self, topics: Iterable[str], after: str | None = None, *, coalesce_s: float | None = None
    ) -> AbstractAsyncContextManager[Subscription]:
        """Watch some topics until the block is left: `async with live.subscribe(topics) as messages:`.

        Take the snapshot inside the block: what changes meanwhile waits in the subscription.

        Parameters
        ----------
        after
            Cursor of the last message that was handled; what came since is read first, or a RESET where some
            of it is gone. None begins now.
        coalesce_s
            Deliver positions at most this often.
        """
        return self._hub.subscribe(topics, after, coalesce_s=coalesce_s)

    def health(self) -> HealthCheck:
        """Whether live updates reach every process."""
        if not self._is_shared:
            return HealthCheck("live", True, "Live updates stay in this process; REDIS_URL is not set.")
        problem = self._bus.problem
        if problem:
            text = (
                f"REDIS_URL cannot be reached ({problem}). This process serves its own watchers; "
                "what other processes change arrives when it is back. See that it runs and the URL is right."
            )
            return HealthCheck("live", False, text, fault="live_bus_away")
        return HealthCheck("live", True, "Live updates are shared through REDIS_URL.")

    async def close(self) -> None:
        """End all subscriptions and let go of connections."""
        await self._bus.close()
        self._hub.close()


class _ProcessBus:
    """Without a shared server: what is published here is read here."""

    problem = ""

    def __init__(self, hub: Hub, positions: ProcessPositions) -> None:
        self._hub = hub
        self._positions = positions

    def publish(self, messages: Sequence[LiveMessage], token: str = "") -> None:  # noqa: ARG002 - nobody else
        self._positions.note_moves(messages)
        self._hub.publish(messages)

    def committed(self, messages: Sequence[LiveMessage], token: str) -> None:
        self.publish(messages, token)

    async def close(self) -> None:
        return


async def open_live(redis_url: Secret | None, clock: Clock, *, patience_s: float = PATIENCE_S) -> Live:
    """Begin live updates.

    A shared server that is away does not keep the process from starting: `Live.health` says so.

    Parameters
    ----------
    patience_s
        So long after another process committed something it is told here, where that process has not told it.

    Raises
    ------
    InvalidInput
        If the URL cannot be read.
    """
    hub = Hub()
    if not redis_url:
        positions = ProcessPositions(clock)
        return Live(hub, _ProcessBus(hub, positions), positions, is_shared=False)
    # Loads the client library, which a single process never needs.
    from gateway.live.redis_bus import RedisBus

    bus = RedisBus(redis_url, hub, clock, patience_s=patience_s)
    await bus.open()
    return Live(hub, bus, bus.positions, is_shared=True)
