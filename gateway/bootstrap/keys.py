"""API keys: made here, shown once, kept as digests."""

from __future__ import annotations

from doorstep.ids import new_id
from gateway.api import records as r
from gateway.auth.caller import Audience
from gateway.auth.keys import create_key
from gateway.bootstrap.house import House
from gateway.store.keys import KeyRow, add_key


async def make_key(house: House, merchant_id: str, order: r.KeyOrder) -> r.NewKey:
    """Make a key of a merchant; its secret is known to whoever gets this answer, and to nobody else."""
    made = create_key(Audience(order.audience))
    row = KeyRow(
        id=new_id("key"),
        merchant_id=merchant_id,
        name=order.name,
        audience=order.audience,
        hash=made.digest.hex(),
        hint=made.hint,
        scopes=tuple(order.scopes),
        allowed_origins=order.allowed_origins,
        created_at=house.clock.now(),
        expires_at=order.expires_at,
    )
    async with house.database.tenant(merchant_id) as connection:
        await add_key(connection, row)
    card = r.KeyCard(
        row.id,
        row.name,
        order.audience,
        row.hint,
        order.scopes,
        row.allowed_origins,
        row.created_at,
        row.expires_at,
    )
    return r.NewKey(card, made.key)
