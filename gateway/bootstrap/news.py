"""From what transactions announce to what live readers are told."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from operator import attrgetter

from gateway.live import message as topics
from gateway.live.live import Live
from gateway.live.message import LiveMessage
from gateway.store.news import News

Take = Callable[[Sequence[News]], None]


def teller(live: Live) -> Take:
    """Tells what this process has committed."""

    def tell(news: Sequence[News]) -> None:
        for token, items in itertools.groupby(news, attrgetter("token")):
            # Of what nobody watches, as an order by itself, there is nothing to tell: its token would wait.
            if messages := [message for item in items for message in _messages(item)]:
                live.publish(messages, token)

    return tell


def hearer(live: Live) -> Take:
    """Sees to it that what another process has committed is told; all of it has one token."""

    def heard(news: Sequence[News]) -> None:
        if messages := [message for item in news for message in _messages(item)]:
            live.committed(messages, news[0].token)

    return heard


def _messages(news: News) -> Sequence[LiveMessage]:
    """What a change is told as; a delivery's goes to its shopper and to the dispatcher's list."""
    merchant_id, id_ = news.merchant_id, news.entity_id
    heard_at: tuple[str, ...] = ()
    match news.topic:
        case "delivery":
            heard_at = (topics.delivery(merchant_id, id_), topics.deliveries(merchant_id))
        case "exception":
            heard_at = (topics.exceptions(merchant_id),)
        case "plan":
            heard_at = (topics.plan(merchant_id, id_),)
        case "route":
            drivers = (topics.tours(merchant_id, driver_id) for driver_id in news.driver_ids)
            heard_at = (topics.route(merchant_id, id_), *drivers)
    return [topics.changed(topic, id_) for topic in heard_at]
