from __future__ import annotations

import pytest

from gateway.live import message
from gateway.live.message import LiveKind


def test_topics_of_different_merchants_never_meet() -> None:
    def topics(merchant_id: str) -> set[str]:
        return {
            message.delivery(merchant_id, "del_1"),
            message.deliveries(merchant_id),
            message.exceptions(merchant_id),
            message.drivers(merchant_id),
            message.plan(merchant_id, "pla_1"),
            message.route(merchant_id, "rte_1"),
            message.tours(merchant_id, "drv_1"),
        }

    one, other = topics("mer_a"), topics("mer_b")
    assert len(one | other) == 14
    assert {message.merchant_of(topic) for topic in one} == {"mer_a"}


@pytest.mark.parametrize("bad", ["", "mer_b:deliveries", "a b", "a\n"])
def test_an_id_cannot_spell_another_topic(bad: str) -> None:
    with pytest.raises(ValueError, match="made of ids"):
        message.deliveries(bad)
    with pytest.raises(ValueError, match="made of ids"):
        message.delivery("mer_a", bad)


def test_a_changed_delivery_is_told_to_its_shopper_and_to_the_list() -> None:
    told = message.delivery_changed("mer_a", "del_1")
    assert [one.topic for one in told] == ["mer_a:delivery:del_1", "mer_a:deliveries"]
    assert {(one.entity_id, one.kind) for one in told} == {("del_1", LiveKind.CHANGED)}
