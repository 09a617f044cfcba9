"""One subscription on one socket, after its snapshot: called by its feed, writing what its group is told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence

import msgspec

from gateway.api.ports.session import Heard
from gateway.api.sharing.outlet import Outlet
from gateway.api.sharing.sharing import Sharing
from gateway.api.sharing.told import Asked, Told
from gateway.api.watching import Standing

MESSAGE_BYTES = 400
"""About what a message takes that was taken from its feed (measured, CPython 3.13)."""

_log = logging.getLogger("gateway.api")
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
    held
        Called whenever something came that the socket has no room for.
    """

    __slots__ = (
        "_asked",
        "_ended",
        "_ends_at",
        "_extensions",
        "_frames",
        "_group",
        "_heard",
        "_held",
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
        held: Callable[[], None],
    ) -> None:
        self.id_ = id_
        self._sharing = sharing
        self._outlet = outlet
        self._asked = asked
        self._standing = standing
        self._ends_at = asked.session.caller.expires_at
        self._group = sharing.join(asked)
        self._prefix = b'{"id":' + _encode(id_) + b',"type":"next","payload":'
        self._extensions = first_extensions
        self._ended = ended
        self._held = held
        # Both are read from their ends.
        self._heard: list[Heard] = []
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

    @property
    def waiting_bytes(self) -> int:
        """What is kept for the socket until it has room, about."""
        frames = sum(map(len, self._frames))
        return self._standing.feed.waiting_bytes + len(self._heard) * MESSAGE_BYTES + frames

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
        try:
            self._tell()
        except Exception as error:
            self._broke(error)

    def _broke(self, error: Exception) -> None:
        # It ends alone: whoever called has others to call, who wait for their turn.
        _log.error("an operation over a socket failed: %s", type(error).__name__)
        self._finish(by_fault=True)

    def _tell(self) -> None:
        if self._ends_at is not None and self._ends_at <= self._sharing.moment()[0]:
            # The socket is about to end; nothing is told by a right that is over.
            return
        outlet = self._outlet
        while not self._is_done:
            if outlet.is_full:
                self._held()
                return
            if self._frames:
                self._put(self._frames.pop())
            elif self._is_last:
                self._finish(by_fault=False)
            elif self._is_making or not self._has_told():
                return

    def _has_told(self) -> bool:
        """Make something of what was heard; False where there is nothing, or it must be waited for."""
        standing = self._standing
        watching, feed = standing.watching, standing.feed
        is_all = False
        if watching.gather_s:
            heard: Sequence[Heard] = self._gathered()
        elif self._heard:
            heard = (self._heard.pop(),)
        else:
            heard = feed.poll()
            is_all = len(heard) == 1
            if len(heard) > 1:
                self._heard = [*heard][::-1]
                heard = (self._heard.pop(),)
        if not heard:
            return self._wait()
        if watching.moves is not None and self._extensions is None and len(heard) == 1:
            message = self._group.moved(heard[0], watching.moves, self._prefix, self._outlet.frame)
            if message is not None:
                self._put(message)
                # Where nothing came since the feed was asked there is no need to ask it again.
                return not is_all or self._wait()
        told = self._group.told(heard, self._asked, watching, feed.read)
        if told.frames is not None:
            self._take(told)
            return True
        self._is_making = True
        told.then(self._made)
        return False

    def _put(self, frame: bytes) -> None:
        if self._outlet.put(frame):
            self._sharing.flush_soon(self._outlet)

    def _gathered(self) -> Sequence[Heard]:
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
            self._call_in(self._until_whole(self._standing.watching.gather_s))
        return []

    @staticmethod
    def _until_whole(gather_s: float) -> float:
        """Seconds to the next whole multiple on the loop's clock: all who gather as long tell at one time."""
        now_s = asyncio.get_running_loop().time()
        left_s = gather_s - now_s % gather_s
        # A timer may ring a moment early: that is no reason to tell twice.
        return left_s if left_s > 0.05 * gather_s else left_s + gather_s

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
        if self._is_done:
            return
        try:
            self._take(told)
        except Exception as error:
            self._broke(error)
        self.wake()

    def _take(self, told: Told) -> None:
        if told.fault:
            self._finish(by_fault=True)
            return
        self._is_last = told.is_last
        if self._extensions is not None and told.frames:
            told = self._extended(told, self._extensions)
            self._extensions = None
        frames = told.messages(self._prefix, self._outlet.frame)
        if len(frames) == 1:
            self._put(frames[0])
        else:
            self._frames = [*frames][::-1]

    @staticmethod
    def _extended(told: Told, extensions: Mapping[str, object]) -> Told:
        first, *others = told.frames or ()
        alone = Told(told.heard, told.made_s)
        alone.done([first[:-1] + b',"extensions":' + _encode(extensions) + b"}", *others])
        return alone

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
