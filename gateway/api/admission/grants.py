"""What a tracking token opens, for the query and the subscription alike."""

from __future__ import annotations

from datetime import datetime, timedelta

from doorstep.errors import TokenRejected
from gateway.api.context import Context
from gateway.api.ports.records import Audience, TokenGrant
from gateway.api.scalars import TrackingToken
from gateway.api.types.tracking import Tracking, show_tracking

_NO_END = timedelta(days=1)


async def open_tracking(context: Context, token: TrackingToken | None) -> TokenGrant:
    """What the token opens, or without one the credential itself.

    Raises
    ------
    TokenRejected
        If the token is not good, or neither a token nor a tracking credential was given.
    """
    if token is not None:
        grant = await context.reads.tracking_grant(token)
        require_open(grant, context.clock.now())
        return grant
    caller = context.caller
    if caller.audience is Audience.TRACKING and caller.delivery_id is not None:
        return TokenGrant(caller.delivery_id, caller.expires_at or context.clock.now() + _NO_END)
    raise TokenRejected("pass the token that came with the tracking link")


def require_open(grant: TokenGrant, now: datetime) -> None:
    """Raise `TokenRejected` once a grant has ended."""
    if grant.expires_at <= now:
        raise TokenRejected("the tracking link has ended", expired_at=grant.expires_at)


async def load_tracking(context: Context, grant: TokenGrant) -> Tracking:
    """The delivery that a grant opens; raises `TokenRejected` where it is gone."""
    found = await context.loaders.delivery.load(grant.delivery_id)
    if found is None:
        raise TokenRejected("there is nothing behind this link any more")
    return await show_tracking(context, found, grant.expires_at)
