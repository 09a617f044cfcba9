"""What transactions announce is told where somebody can watch it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from gateway.bootstrap.news import hearer, teller
from gateway.live.live import Live
from gateway.live.message import LiveMessage
from gateway.store.news import News


class Tokens(list[str]):
    """Of what live readers are told, or are to be told should nobody else do it."""

    def publish(self, messages: Iterable[LiveMessage], token: str = "") -> None:
        assert list(messages)
        self.append(token)

    committed = publish


def test_what_nobody_can_watch_is_not_told_and_its_token_waits_nowhere() -> None:
    order, delivery = (
        News("mer_a", "order", "ord_1", (), "a-1"),
        News("mer_a", "delivery", "del_1", (), "a-2"),
    )
    for made in (teller, hearer):
        told = Tokens()
        for news in ([order], [delivery]):
            made(cast("Live", told))(news)
        assert told == ["a-2"]
