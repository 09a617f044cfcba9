"""All groups of one endpoint, and the turn of those who have something to write."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from graphql import VariableNode, Visitor, parse, visit

from gateway.api.admission.gate import Known
from gateway.api.scalars import instant_text
from gateway.api.schema import GatewaySchema
from gateway.api.sharing.group import Group, Selection
from gateway.api.sharing.plain import plain_of
from gateway.api.sharing.told import Asked
from gateway.auth.caller import Audience, Caller

if TYPE_CHECKING:
    from doorstep.clock import Clock
    from gateway.api.sharing.outlet import Outlet

MOST_SELECTIONS = 1_000


class Sharing:
    """Made once for an endpoint; belongs to one event loop.

    Parameters
    ----------
    turn_s
        So long others wait at most while many are written to.

    Attributes
    ----------
    now_s
        Time of the loop at which the round began that goes on, or was the last.
    """

    def __init__(self, schema: GatewaySchema, clock: Clock, *, turn_s: float = 0.01) -> None:
        self.schema = schema
        self.clock = clock
        self.now_s = 0.0
        self._turn_s = turn_s
        self._groups: dict[object, Group] = {}
        self._selections: dict[int, Selection] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ready: list[Callable[[], None]] = []
        self._unwritten: list[Outlet] = []
        self._has_round = False
        self._moment: tuple[datetime, bytes] | None = None

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

    def flush_soon(self, outlet: Outlet) -> None:
        """Write out what was put into a way out at the end of the round, whoever else puts something in."""
        self._unwritten.append(outlet)

    def moment(self) -> tuple[datetime, bytes]:
        """The present, and the JSON of it: one for a round, which is short."""
        if self._moment is None:
            now = self.clock.now()
            self._moment = now, msgspec.json.encode(instant_text(now))
        return self._moment

    def _round(self) -> None:
        loop = asyncio.get_running_loop()
        ready, self._ready, self._has_round, self._moment = self._ready, [], True, None
        self.now_s = loop.time()
        ends_s = self.now_s + self._turn_s
        for index, turn in enumerate(ready):
            if index % 64 == 63 and loop.time() > ends_s:
                self._ready[:0] = ready[index:]
                break
            turn()
        unwritten, self._unwritten, self._moment = self._unwritten, [], None
        for outlet in unwritten:
            outlet.flush()
        self._has_round = bool(self._ready)
        if self._ready:
            loop.call_soon(self._round)

    def _selection(self, asked: Asked) -> Selection:
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
            selection = self._selections[id(known)] = Selection(known, _resuming(known), plain_of(known))
        return selection


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
