"""What is asked, and what some messages are told as."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from strawberry.types.execution import ExecutionResult

from gateway.api.ports.session import Heard, RequestInfo, Session

Frame = Callable[[bytes], bytes]
"""From a text to the bytes of the line."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One operation: who asks, and for what."""

    session: Session
    request: RequestInfo
    query: str
    operation_name: str | None
    variables: Mapping[str, Any]


class Told:
    """What some messages are told as; `frames` is None while it is being made.

    Attributes
    ----------
    heard
        The messages, as the feed gave them.
    frames
        Payloads, in their order.
    is_last
        The subscription ends with it.
    fault
        Nothing could be made of it: a fault of ours.
    is_simple
        One message told as one payload, after which others come.
    """

    __slots__ = ("_made", "_waiting", "fault", "frames", "heard", "is_last", "is_simple", "made_s")

    def __init__(self, heard: Sequence[Heard], made_s: float) -> None:
        self.heard = heard
        self.made_s = made_s
        self.frames: Sequence[bytes] | None = None
        self.is_last = self.is_simple = False
        self.fault = False
        self._waiting: list[Callable[[Told], None]] | None = None
        self._made: tuple[bytes, Frame, Sequence[bytes]] | None = None

    def then(self, call: Callable[[Told], None]) -> None:
        """Call this when it is made."""
        if self._waiting is None:
            self._waiting = []
        self._waiting.append(call)

    def done(self, frames: Sequence[bytes], *, is_last: bool = False, fault: bool = False) -> None:
        """It is made."""
        self.frames, self.is_last, self.fault = frames, is_last, fault
        self.is_simple = len(self.heard) == len(frames) == 1 and not is_last
        waiting, self._waiting = self._waiting, None
        for call in waiting or ():
            call(self)

    def messages(self, prefix: bytes, frame: Frame) -> Sequence[bytes]:
        """What goes over the line: made once for all in a row who read it under the same name, one way."""
        made = self._made
        if made is None or made[0] != prefix or made[1] is not frame:
            payloads = self.frames or ()
            made = self._made = prefix, frame, [frame(prefix + payload + b"}") for payload in payloads]
        return made[2]


def payload_of(result: ExecutionResult) -> dict[str, object]:
    """What the client gets of a result."""
    payload: dict[str, object] = {"data": result.data}
    if result.errors:
        payload["errors"] = [error.formatted for error in result.errors]
    if result.extensions:
        payload["extensions"] = result.extensions
    return payload
