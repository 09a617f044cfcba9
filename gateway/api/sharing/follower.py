"""One subscription on one socket, after its snapshot: called by its feed, writing what its group is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import msgspec

from gateway.api.sharing.group import Asked, Sharing, Told
from gateway.api.sharing.outlet import Outlet
from gateway.api.watching import Standing

_encode = msgspec.json.Encoder().encode

Ended = Callable[["Follower", bool], None]


class Follower:
    """Takes nothing from its feed while the socket has no room: what waits there is bounded.

    Parameters
    ----------
    id_
        The operation's name on the socket.
    first_extensions
        Told with the first message; None where they were told already.
    ended
        Called once, when nothing more will come, with whether it ended by a fault of ours.
    """

    __slots__ = (
        "_asked",
        "_end",
        "_ended",
        "_extensions",
        "_frames",
        "_group",
        "_heard",
        "_is_done",
        "_is_gone",
        "_is_last",
        "_is_making",
        "_is_ready",
        "_outlet",
        "_prefix",
        "_sharing",
        "_standing",
        "_timer",
        "id_",
    )

    def __init__(
        self,
        sharing: Sharing,
        outlet: Outlet,
        id_: str,
        asked: Asked,
        standing: Standing,
        *,
        first_extensions: Mapping[str, object] | None,
        ended: Ended,
    ) -> None:
        self.id_ = id_
        self._sharing = sharing
        self._outlet = outlet
        self._asked = asked
        self._standing = standing
        self._group = sharing.join(asked)
        self._prefix = b'{"id":' + _encode(id_) + b',"type":"next","payload":'
        self._extensions = first_extensions
        self._ended = ended
        # Both are read from their ends.
        self._heard: list[object] = []
        self._frames: list[bytes] = []
        self._is_making = self._is_last = self._is_ready = False
        self._is_done = self._is_gone = False
        self._timer: asyncio.TimerHandle | None = None
        standing.feed.listen(self.wake)
        self.wake()

    def wake(self) -> None:
        """There may be something to do."""
        if not self._is_ready and not self._is_making and not self._is_done:
            self._is_ready = True
            self._sharing.call_soon(self._turn)

    async def leave(self) -> None:
        """Let go of the feed; nothing is written any more."""
        if self._is_gone:
            return
        self._is_gone = self._is_done = True
        self._stop_timer()
        self._group.leave()
        await self._standing.stack.aclose()

    def _turn(self) -> None:
        self._is_ready = False
        while not self._is_done and not self._outlet.is_full:
            if self._frames:
                self._write(self._frames.pop())
            elif self._is_last:
                self._finish(by_fault=False)
            elif not self._may_ask():
                return

    def _may_ask(self) -> bool:
        """Ask what is told of what was heard; False where there is nothing, or it must be waited for."""
        if self._is_making:
            return False
        watching = self._standing.watching
        if watching.gather_s:
            heard = self._gathered()
        else:
            if not self._heard:
                self._heard = [*self._standing.feed.poll()][::-1]
            heard = [self._heard.pop()] if self._heard else []
        if not heard:
            return self._wait()
        told = self._group.told(heard, self._asked, watching, self._standing.feed.read)
        if told.frames is not None:
            self._take(told)
            return True
        self._is_making = True
        told.then(self._made)
        return False

    def _gathered(self) -> list[object]:
        """All that came in a while from its first message on; [] while that lasts."""
        if self._timer is not None:
            return []
        if self._heard:
            # The while is over.
            heard = [*self._heard, *self._standing.feed.poll(undue_too=True)]
            self._heard = []
            return heard
        self._heard = [*self._standing.feed.poll()]
        if self._heard:
            self._call_in(self._standing.watching.gather_s)
        return []

    def _wait(self) -> bool:
        feed = self._standing.feed
        if self._timer is None and feed.is_over:
            self._is_last = True
            return True
        due_s = feed.due_s
        if self._timer is None and due_s is not None:
            self._call_in(due_s - asyncio.get_running_loop().time())
        return False

    def _made(self, told: Told) -> None:
        self._is_making = False
        if not self._is_done:
            self._take(told)
            self.wake()

    def _take(self, told: Told) -> None:
        if told.fault:
            self._finish(by_fault=True)
            return
        self._is_last = told.is_last
        self._frames = [*(told.frames or ())][::-1]

    def _write(self, frame: bytes) -> None:
        if self._extensions is not None:
            frame = frame[:-1] + b',"extensions":' + _encode(self._extensions) + b"}"
            self._extensions = None
        self._outlet.send(self._prefix + frame + b"}")

    def _finish(self, *, by_fault: bool) -> None:
        # Its place on the socket is free from now on; the feed is let go of in a moment.
        if not self._is_done:
            self._is_done = True
            self._ended(self, by_fault)

    def _call_in(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(max(0.0, seconds), self._timer_rang)

    def _timer_rang(self) -> None:
        self._timer = None
        self.wake()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
