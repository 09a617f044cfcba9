"""Those who asked for the same by the same right: what they are told is made once for all of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import is_
from typing import TYPE_CHECKING, Any

import msgspec
from strawberry.types.execution import ExecutionResult

from gateway.api.admission.gate import Known
from gateway.api.context import Context
from gateway.api.ports.records import LiveMessage
from gateway.api.ports.session import Heard
from gateway.api.schema import failed
from gateway.api.sharing.moves import Mask, Moved, Moves, Pattern, Template, pattern_of
from gateway.api.sharing.plain import Plain
from gateway.api.sharing.told import Asked, Frame, Told, payload_of

if TYPE_CHECKING:
    from gateway.api.sharing.sharing import Sharing
    from gateway.api.watching import Watching

MOST_KEPT = 8
"""What was told lately is kept for those who are a little behind; who is further behind has it read anew."""

KEPT_S = 1.0
"""What was told is the present for so long."""

READ_AGAIN_S = 30.0
"""Beside a place, what a page shows of other things than the delivery may be so old."""

MOST_TEMPLATES = 50
"""Deliveries of one subscription whose last update is kept for the places that come."""

_log = logging.getLogger("gateway.api")
_encode = msgspec.json.Encoder().encode

Read = Callable[[Heard], LiveMessage]


@dataclass(slots=True)
class Selection:
    """What is known of a document besides; keeps it, so that its id stays its own.

    Attributes
    ----------
    plain
        Makes its data of an update; None where that takes GraphQL's executor.
    """

    known: Known
    resuming: str | None
    plain: Plain | None
    _patterns: dict[int, Pattern | None] = field(default_factory=dict)

    def pattern(self, moves: Moves) -> Pattern | None:
        """Where a place changes its answers."""
        if id(moves) not in self._patterns:
            self._patterns[id(moves)] = pattern_of(self.known, moves)
        return self._patterns[id(moves)]


@dataclass(frozen=True, slots=True)
class _Last:
    """The update of an entity that was told last, for places to be told on top of.

    Attributes
    ----------
    until_s
        Time of the loop at which it is read again at the latest; 0 for when it changes.
    """

    template: Template
    update: Any
    mask: Mask
    until_s: float


class Group:
    """Made by `Sharing.join`; gone when nobody is in it."""

    __slots__ = ("_kept", "_key", "_last", "_members", "_reading", "_selection", "_sharing")

    def __init__(self, sharing: Sharing, key: object, selection: Selection) -> None:
        self._sharing = sharing
        self._key = key
        self._selection = selection
        self._members = 0
        self._kept: list[Told] = []
        self._last: dict[str, _Last] = {}
        self._reading = 0

    def enter(self) -> None:
        """One more."""
        self._members += 1

    def leave(self) -> None:
        """One less."""
        self._members -= 1
        if not self._members:
            self._sharing.forget(self._key)

    def moved(self, heard: Heard, moves: Moves, prefix: bytes, frame: Frame) -> bytes | None:
        """What goes over the line for a place; None where that takes more, see `told`.

        Parameters
        ----------
        prefix
            What stands before the payload.
        """
        if self._members > 1:
            # Mostly somebody else was told the same a moment ago.
            told = self._kept[-1] if self._kept else None
            if told is None or told.heard[0] is not heard or not told.is_simple:
                return None
            if self._sharing.now_s - told.made_s > KEPT_S:
                return None
            return told.messages(prefix, frame)[0]
        payload = self._quick(heard, moves)
        return None if payload is None else frame(prefix + payload + b"}")

    def told(self, heard: Sequence[Heard], asked: Asked, watching: Watching, read: Read) -> Told:
        """What these messages are told as, made now or for another member before."""
        now_s = self._sharing.now_s
        is_shared = watching.is_shared and self._members > 1
        if is_shared:
            known = self._look_up(heard, now_s)
            if known is not None:
                return known
        told = Told(heard, now_s)
        if is_shared:
            self._kept = [*self._kept[1 - MOST_KEPT :], told]
        moves = watching.moves
        if moves is not None and len(heard) == 1:
            quick = self._quick(heard[0], moves)
            if quick is not None:
                told.done((quick,))
                return told
        messages = [read(each) for each in heard]
        self._reading += 1
        if len(messages) == 1 and messages[0].entity_id:
            self._last.pop(messages[0].entity_id, None)
        else:
            self._last.clear()
        self._sharing.spawn(self._read(told, messages, asked, watching, self._reading))
        return told

    def _look_up(self, heard: Sequence[Heard], now_s: float) -> Told | None:
        for told in reversed(self._kept):
            if now_s - told.made_s > KEPT_S:
                return None
            if len(told.heard) == len(heard) and all(map(is_, told.heard, heard)):
                return told
        return None

    def _quick(self, heard: Heard, moves: Moves) -> bytes | None:
        position, last = heard.position, self._last.get(heard.entity_id)
        if position is None or last is None or (last.until_s and self._sharing.now_s > last.until_s):
            return None
        now, told_at = self._sharing.moment()
        update = last.update
        try:
            if not moves.may_tell(update, now):
                return None
            return last.template.told(
                Moved(update, position, heard.cursor, now, told_at, last.mask(position, now))
            )
        except Exception:
            # A place that nobody can write, as of an endless heading: reading it says what is wrong.
            return None

    async def _read(
        self, told: Told, messages: Sequence[LiveMessage], asked: Asked, watching: Watching, number: int
    ) -> None:
        context = Context(asked.session, self._sharing.clock, asked.request)
        frames: list[bytes] = []
        update: Any = None
        result: ExecutionResult | None = None
        try:
            try:
                async for update in watching.updates(context, watching.beats(messages)):
                    result = await self._result(update, context, asked)
                    frames.append(_encode(payload_of(result)))
            except Exception as error:
                frames.append(_encode(payload_of(failed(error))))
                told.done(frames, is_last=True)
                return
            if number == self._reading and len(frames) == len(messages) == 1 and watching.moves is not None:
                self._keep(messages[0].entity_id, watching.moves, update, result)
            told.done(frames, is_last=watching.is_over())
        except Exception as error:
            _log.error("an operation over a socket failed: %s", type(error).__name__)
            told.done([], is_last=True, fault=True)

    async def _result(self, update: Any, context: Context, asked: Asked) -> ExecutionResult:
        plain = self._selection.plain
        if plain is not None:
            try:
                return ExecutionResult(data=plain(update), errors=None)
            except Exception:  # noqa: S110 - the executor makes an error of the same, with its path
                pass
        return await self._sharing.schema.tell(
            self._selection.known.document, update, context, asked.variables, asked.operation_name
        )

    def _keep(self, entity_id: str, moves: Moves, update: Any, result: ExecutionResult | None) -> None:
        pattern = self._selection.pattern(moves)
        now = self._sharing.clock.now()
        if pattern is None or result is None or result.errors or not result.data:
            return
        if not moves.may_tell(update, now):
            return
        template = pattern.template(result.data)
        if template is None:
            return
        is_fleeting = pattern.has_read or moves.goes_by_time(update)
        until_s = self._sharing.now_s + READ_AGAIN_S if is_fleeting else 0.0
        if len(self._last) >= MOST_TEMPLATES:
            self._last.clear()
        self._last[entity_id] = _Last(template, update, moves.mask(update, now), until_s)
