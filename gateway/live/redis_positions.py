"""Last positions that all processes share."""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from doorstep.clock import Clock
from doorstep.position import Position
from gateway.live.positions import KEPT_FOR, ProcessPositions, keep_recent
from gateway.live.redis_names import positions_key
from gateway.live.wire import read_position, write_position


class RedisPositions:
    """The shared hash, and what this process knows where the server is away.

    Parameters
    ----------
    known_here
        Fed by the channel of positions, so it knows what all processes said since this one began.
    """

    def __init__(self, client: Redis, known_here: ProcessPositions, clock: Clock) -> None:
        self._client = client
        self._known_here = known_here
        self._clock = clock

    async def put(self, merchant_id: str, driver_id: str, position: Position) -> None:
        """Keep a position; in this process only, while the server is away."""
        await self._known_here.put(merchant_id, driver_id, position)
        key = positions_key(merchant_id)
        pipeline = self._client.pipeline(transaction=False)
        pipeline.hset(key, driver_id, write_position(position))
        pipeline.expire(key, KEPT_FOR)
        try:
            await pipeline.execute()
        except (RedisError, OSError):
            pass  # the health of the bus says so, and the next fix comes within seconds

    async def all(self, merchant_id: str) -> dict[str, Position]:
        """Driver id -> last position, the newer of what is shared and what is known here."""
        here = await self._known_here.all(merchant_id)
        shared = await self._shared(merchant_id)
        for driver_id, position in here.items():
            other = shared.get(driver_id)
            if other is None or other.recorded_at < position.recorded_at:
                shared[driver_id] = position
        return keep_recent(shared, self._clock)

    async def forget(self, merchant_id: str, driver_id: str) -> None:
        """Take a driver off the map; other processes may show the last position until it is too old."""
        await self._known_here.forget(merchant_id, driver_id)
        try:
            await self._client.hdel(positions_key(merchant_id), driver_id)
        except (RedisError, OSError):
            pass  # nothing more can be done, and the hash ends by itself

    async def _shared(self, merchant_id: str) -> dict[str, Position]:
        try:
            fields: Any = await self._client.hgetall(positions_key(merchant_id))
        except (RedisError, OSError):
            return {}
        positions: dict[str, Position] = {}
        for driver_id, data in fields.items():
            try:
                positions[driver_id.decode()] = read_position(data)
            except ValueError:
                continue  # another version's words; the next fix comes within seconds
        return positions
