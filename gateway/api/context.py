"""What every resolver is handed."""

from __future__ import annotations

import strawberry

from doorstep.clock import Clock
from gateway.api.loaders import Loaders
from gateway.api.ports import Commands, Live, Reads, RequestInfo, Session
from gateway.auth.caller import Caller


class Context:
    """What one operation of one caller may use."""

    def __init__(self, session: Session, clock: Clock, request: RequestInfo) -> None:
        self.session = session
        self.clock = clock
        self.request = request
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
