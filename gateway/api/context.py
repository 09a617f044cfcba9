"""What every resolver is handed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import strawberry

from doorstep.clock import Clock
from gateway.api.loaders.all import Loaders
from gateway.api.ports.session import Commands, Live, Reads, RequestInfo, Session
from gateway.auth.caller import Caller

if TYPE_CHECKING:
    from gateway.api.watching import Standing


class Context:
    """What one operation of one caller may use.

    Attributes
    ----------
    goes_on
        Whether the transport goes on by itself after a subscription's snapshot: it finds in `standing` what
        to go on with.
    cost
        What `extensions.cost` says of the document; None before it was priced.
    """

    def __init__(
        self, session: Session, clock: Clock, request: RequestInfo, *, goes_on: bool = False
    ) -> None:
        self.session = session
        self.clock = clock
        self.request = request
        self.goes_on = goes_on
        self.standing: Standing | None = None
        self.cost: Mapping[str, object] | None = None
        self.loaders = Loaders(session, clock)

    @property
    def caller(self) -> Caller:
        return self.session.caller

    @property
    def reads(self) -> Reads:
        return self.session.reads

    @property
    def commands(self) -> Commands:
        return self.session.commands

    @property
    def live(self) -> Live:
        return self.session.live

    def renew(self) -> None:
        """Forget what was read: every event of a subscription, and what follows a write, sees the present."""
        self.loaders = Loaders(self.session, self.clock)


Info = strawberry.Info[Context, None]
