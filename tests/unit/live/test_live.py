from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from doorstep.errors import InvalidInput
from doorstep.geo import LatLng
from doorstep.position import Position
from doorstep.secret import Secret
from gateway.live import open_live
from gateway.live.message import changed, deliveries, delivery, drivers, moved

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


class Noon:
    def now(self) -> datetime:
        return NOON


def at(lng: float, *, ago_s: float = 0) -> Position:
    return Position(LatLng(0.0, lng), NOON - timedelta(seconds=ago_s))


@pytest.mark.parametrize("url", [None, Secret("")])
async def test_without_a_server_live_updates_stay_in_the_process(url: Secret | None) -> None:
    live = await open_live(url, Noon())
    async with live.subscribe([deliveries("mer_a")]) as messages:
        live.publish(changed(deliveries("mer_a"), entity_id) for entity_id in ("del_1", "del_2"))
        assert [message.entity_id for message in await messages.batch()] == ["del_1", "del_2"]
        await live.close()
        assert [message async for message in messages] == []
    assert live.health().passed
    assert "REDIS_URL is not set" in live.health().text


async def test_a_published_move_of_a_driver_becomes_the_last_position() -> None:
    live = await open_live(None, Noon())
    live.publish([moved(drivers("mer_a"), "drv_1", at(1)), moved(drivers("mer_b"), "drv_2", at(2))])
    live.publish([moved(delivery("mer_a", "del_1"), "del_1", at(3))])
    assert await live.positions.all("mer_a") == {"drv_1": at(1)}
    assert await live.positions.all("mer_b") == {"drv_2": at(2)}
    await live.close()


async def test_an_older_position_does_not_replace_a_newer_one() -> None:
    live = await open_live(None, Noon())
    await live.positions.put("mer_a", "drv_1", at(1))
    await live.positions.put("mer_a", "drv_1", at(2, ago_s=1))
    assert await live.positions.all("mer_a") == {"drv_1": at(1)}
    await live.close()


async def test_a_driver_leaves_the_map_when_asked_to_and_after_a_shift() -> None:
    live = await open_live(None, Noon())
    await live.positions.put("mer_a", "drv_1", at(1))
    await live.positions.put("mer_a", "drv_2", at(2, ago_s=12 * 3600))
    await live.positions.put("mer_a", "drv_3", at(3, ago_s=12 * 3600 + 1))
    assert set(await live.positions.all("mer_a")) == {"drv_1", "drv_2"}
    await live.positions.forget("mer_a", "drv_1")
    await live.positions.forget("mer_b", "drv_1")
    assert set(await live.positions.all("mer_a")) == {"drv_2"}
    await live.close()


async def test_an_address_that_is_none_is_refused_without_being_quoted() -> None:
    with pytest.raises(InvalidInput, match="REDIS_URL") as refused:
        await open_live(Secret("https://:hunter2@127.0.0.1"), Noon())
    assert "hunter2" not in str(refused.value)
