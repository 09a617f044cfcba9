"""Those who asked for the same by the same right: what they are told is made once for all of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import msgspec
from graphql import VariableNode, Visitor, parse, visit
from strawberry.types.execution import ExecutionResult

from gateway.api.context import Context
from gateway.api.gate import Known
from gateway.api.ports import RequestInfo, Session
from gateway.api.records import LiveMessage
from gateway.api.schema import GatewaySchema, failed
from gateway.api.sharing.moves import Moved, Moves, Pattern, Template, pattern_of
from gateway.auth.caller import Audience, Caller

if TYPE_CHECKING:
    from doorstep.clock import Clock
    from gateway.api.watching import Watching

MOST_KEPT = 8
"""What was told lately is kept for those who are a little behind; who is further behind has it read anew."""

KEPT_S = 1.0
"""What was told is the present for so long."""

READ_AGAIN_S = 30.0
"""Beside a place, what a page shows of other things than the delivery may be so old."""

MOST_SELECTIONS = 1_000

_log = logging.getLogger("gateway.api")
_encode = msgspec.json.Encoder().encode


class Told:
    """What some messages are told as; `frames` is None while it is being made.

    Attributes
    ----------
    heard
        The messages, as the feed gave them.
    is_last
        The subscription ends with it.
    fault
        Nothing could be made of it: a fault of ours.
    """

    __slots__ = ("_waiting", "fault", "frames", "heard", "is_last", "made_s")

    def __init__(self, heard: Sequence[object], made_s: float) -> None:
        self.heard = heard
        self.made_s = made_s
        self.frames: Sequence[bytes] | None = None
        self.is_last = False
        self.fault = False
        self._waiting: list[Callable[[Told], None]] = []

    def then(self, call: Callable[[Told], None]) -> None:
        """Call this when it is made."""
        self._waiting.append(call)

    def done(self, frames: Sequence[bytes], *, is_last: bool = False, fault: bool = False) -> None:
        """It is made."""
        self.frames, self.is_last, self.fault = frames, is_last, fault
        waiting, self._waiting = self._waiting, []
        for call in waiting:
            call(self)


@dataclass(frozen=True, slots=True)
class Asked:
    """One operation: who asks, and for what."""

    session: Session
    request: RequestInfo
    query: str
    operation_name: str | None
    variables: Mapping[str, Any]


@dataclass(slots=True)
class _Selection:
    """What is known of a document besides; keeps it, so that its id stays its own."""

    known: Known
    resuming: str | None
    patterns: dict[int, Pattern | None] = field(default_factory=dict)

    def pattern(self, moves: Moves) -> Pattern | None:
        if id(moves) not in self.patterns:
            self.patterns[id(moves)] = pattern_of(self.known, moves)
        return self.patterns[id(moves)]


class Group:
    """Made by `Sharing.join`; gone when nobody is in it."""

    __slots__ = ("_kept", "_key", "_members", "_reading", "_selection", "_sharing", "_template")

    def __init__(self, sharing: Sharing, key: object, selection: _Selection) -> None:
        self._sharing = sharing
        self._key = key
        self._selection = selection
        self._members = 0
        self._kept: list[Told] = []
        self._template: tuple[Template, Any, float] | None = None
        self._reading = 0

    def enter(self) -> None:
        """One more."""
        self._members += 1

    def leave(self) -> None:
        """One less."""
        self._members -= 1
        if not self._members:
            self._sharing.forget(self._key)

    def told(self, heard: Sequence[object], asked: Asked, watching: Watching, read: _Read) -> Told:
        """What these messages are told as, made now or for another member before."""
        now_s = asyncio.get_running_loop().time()
        is_shared = watching.is_shared and self._members > 1
        if is_shared:
            known = self._look_up(heard, now_s)
            if known is not None:
                return known
        told = Told(heard, now_s)
        if is_shared:
            self._kept = [*self._kept[1 - MOST_KEPT :], told]
        messages = [read(each) for each in heard]
        quick = self._quick(messages, watching.moves, now_s)
        if quick is not None:
            told.done([quick])
            return told
        self._reading += 1
        self._template = None
        self._sharing.spawn(self._read(told, messages, asked, watching, self._reading))
        return told

    def _look_up(self, heard: Sequence[object], now_s: float) -> Told | None:
        for told in reversed(self._kept):
            if now_s - told.made_s > KEPT_S:
                return None
            if len(told.heard) == len(heard) and all(map(_is_same, told.heard, heard)):
                return told
        return None

    def _quick(self, messages: Sequence[LiveMessage], moves: Moves | None, now_s: float) -> bytes | None:
        if self._template is None or moves is None or len(messages) > 1:
            return None
        template, update, until_s = self._template
        (message,) = messages
        now, position = self._sharing.clock.now(), message.position
        if position is None or now_s > until_s or not moves.may_tell(update, now):
            return None
        return template.told(Moved(update, position, message.cursor, now))

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
                    result = await self._sharing.schema.tell(
                        self._selection.known.document, update, context, asked.variables, asked.operation_name
                    )
                    frames.append(_encode(payload_of(result)))
            except Exception as error:
                frames.append(_encode(payload_of(failed(error))))
                told.done(frames, is_last=True)
                return
            if number == self._reading and len(frames) == 1 and watching.moves is not None:
                self._keep_template(watching.moves, update, result)
            told.done(frames, is_last=watching.is_over())
        except Exception as error:
            _log.error("an operation over a socket failed: %s", type(error).__name__)
            told.done([], is_last=True, fault=True)

    def _keep_template(self, moves: Moves, update: object, result: ExecutionResult | None) -> None:
        pattern = self._selection.pattern(moves)
        if pattern is None or result is None or result.errors or not result.data:
            return
        template = pattern.template(result.data)
        if template is not None:
            lasts_s = READ_AGAIN_S if pattern.has_read else float("inf")
            until_s = asyncio.get_running_loop().time() + lasts_s
            self._template = template, update, until_s


_Read = Callable[[object], LiveMessage]


class Sharing:
    """All groups of one endpoint, and the turn of those who have something to write.

    Parameters
    ----------
    turn_s
        So long others wait at most while many are written to.
    """

    def __init__(self, schema: GatewaySchema, clock: Clock, *, turn_s: float = 0.01) -> None:
        self.schema = schema
        self.clock = clock
        self._turn_s = turn_s
        self._groups: dict[object, Group] = {}
        self._selections: dict[int, _Selection] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ready: list[Callable[[], None]] = []
        self._has_round = False

    @property
    def group_count(self) -> int:
        """How many different things are asked for."""
        return len(self._groups)

    def join(self, asked: Asked) -> Group:
        """The group of those who asked for the same by the same right."""
        selection = self._selection(asked)
        variables = {name: value for name, value in asked.variables.items() if name != selection.resuming}
        what = (asked.query, asked.operation_name, msgspec.json.encode(variables, order="sorted"))
        key = (_right(asked.session.caller), what)
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = Group(self, key, selection)
        group.enter()
        return group

    def forget(self, key: object) -> None:
        """A group without members."""
        self._groups.pop(key, None)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run to its end."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def call_soon(self, turn: Callable[[], None]) -> None:
        """Give somebody their turn in this round of the loop or one of the next."""
        self._ready.append(turn)
        if not self._has_round:
            self._has_round = True
            asyncio.get_running_loop().call_soon(self._round)

    def _round(self) -> None:
        loop = asyncio.get_running_loop()
        ready, self._ready, self._has_round = self._ready, [], True
        ends_s = loop.time() + self._turn_s
        for index, turn in enumerate(ready):
            if index % 64 == 63 and loop.time() > ends_s:
                self._ready[:0] = ready[index:]
                break
            turn()
        self._has_round = bool(self._ready)
        if self._ready:
            loop.call_soon(self._round)

    def _selection(self, asked: Asked) -> _Selection:
        known = self.schema.measures.known(asked.query, asked.operation_name)
        if known is None:
            # Forgotten between its validation and now.
            measures, document = self.schema.measures, parse(asked.query)
            known = measures.look_up(self.schema._schema, asked.query, document, asked.operation_name)
        if known is None:
            raise LookupError("the document has no such operation")
        selection = self._selections.get(id(known))
        if selection is None:
            if len(self._selections) >= MOST_SELECTIONS:
                self._selections.clear()
            selection = self._selections[id(known)] = _Selection(known, _resuming(known))
        return selection


def payload_of(result: ExecutionResult) -> dict[str, object]:
    """What the client gets of a result."""
    payload: dict[str, object] = {"data": result.data}
    if result.errors:
        payload["errors"] = [error.formatted for error in result.errors]
    if result.extensions:
        payload["extensions"] = result.extensions
    return payload


def _right(caller: Caller) -> Caller:
    # What a secret key may see hangs on its scopes alone; of others everything may count.
    if caller.audience is not Audience.SECRET:
        return caller
    return replace(caller, key_id="", allowed_origins=frozenset(), expires_at=None)


def _resuming(known: Known) -> str | None:
    """The variable that only says where to resume: those who came back at other places are told the same."""
    (selected, *_) = known.operation.selection_set.selections
    arguments = {each.name.value: each.value for each in getattr(selected, "arguments", None) or ()}
    value = arguments.get("after")
    if not isinstance(value, VariableNode):
        return None
    count = _Count(value.name.value)
    visit(known.document, count)
    return value.name.value if count.uses == 1 else None


class _Count(Visitor):
    """Uses of a variable beside its definition."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.uses = -1

    def enter_variable(self, node: VariableNode, *_args: Any) -> None:
        if node.name.value == self._name:
            self.uses += 1


def _is_same(one: object, other: object) -> bool:
    return one is other
