"""How a delivery stands, in the shopper's words."""

from __future__ import annotations

import pytest

from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from gateway.checkout.status_words import LANGUAGES, spoken, status_text
from tests.unit.checkout.deliveries import delivery


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("pt-BR, es_MX;q=0.7, en;q=0.5", "es"),
        ("en;q=0.2, FR;q=0.9", "fr"),
        ("fr;q=0, it", "en"),
        ("*;q=nonsense,,;;de", "en"),
    ],
)
def test_the_language_that_is_liked_best_of_ours_is_spoken(accepted: str, language: str) -> None:
    assert spoken(accepted) == language


@pytest.mark.parametrize("status", DeliveryStatus)
def test_every_status_has_words_in_every_language_and_no_two_languages_share_them(
    status: DeliveryStatus,
) -> None:
    one: Delivery = delivery(status)
    assert len({status_text(one, language) for language in LANGUAGES}) == len(LANGUAGES)


def test_an_order_under_way_is_told_as_the_apps_page_shows_it() -> None:
    assert status_text(delivery(DeliveryStatus.IN_TRANSIT), "en") == "On the way to you"
