"""Days and times as shoppers read them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from doorstep.window import Promise, PromiseBasis, Window
from gateway.checkout.words import when

AFTERNOON = (datetime(2026, 11, 23, 20, tzinfo=UTC), datetime(2026, 11, 23, 22, 30, tzinfo=UTC))
LATE = (datetime(2026, 11, 24, 4, tzinfo=UTC), datetime(2026, 11, 24, 6, tzinfo=UTC))
A_DAY = (datetime(2026, 11, 25, 5, tzinfo=UTC), datetime(2026, 11, 26, 5, tzinfo=UTC))
DAYS = (datetime(2026, 11, 25, 5, tzinfo=UTC), datetime(2026, 11, 28, 5, tzinfo=UTC))


# The spaces are those of CLDR: thin and unbreakable ones beside dashes and before "PM".
@pytest.mark.parametrize(
    ("window", "locale", "words"),
    [
        (AFTERNOON, "en-US", "Mon, Nov 23, 3:00 – 5:30 PM"),
        (AFTERNOON, "de_DE", "Mo., 23. Nov., 15:00–17:30 Uhr"),
        (AFTERNOON, "fr", "lun. 23 nov., 15:00 – 17:30"),
        (LATE, "en", "Mon, Nov 23, 11:00 PM – 1:00 AM"),
        (LATE, "de", "Mo., 23. Nov., 23:00–01:00 Uhr"),
        (A_DAY, "en", "Wed, Nov 25"),
        (DAYS, "en", "Wed, Nov 25 – Fri, Nov 27"),
        (DAYS, "de_DE_formal", "Mi., 25. – Fr., 27. Nov."),
        (AFTERNOON, "zh-TW", "11月23日 週一, 15:00 – 17:30"),
        (AFTERNOON, "zh-Hant-HK", "11月23日週一, 15:00 – 17:30"),
        (A_DAY, "fr-ZZ", "mer. 25 nov."),
        (A_DAY, "xmf", "Wed, Nov 25"),
        (A_DAY, "zz-ZZ", "Wed, Nov 25"),
        (A_DAY, "xx", "Wed, Nov 25"),
        (A_DAY, "", "Wed, Nov 25"),
        (A_DAY, "../etc", "Wed, Nov 25"),
    ],
)
def test_a_window_is_told_in_the_doors_time_and_the_shops_language(
    window: tuple[datetime, datetime], locale: str, words: str
) -> None:
    promise = Promise(Window(*window), "America/New_York", PromiseBasis.SLOT)
    assert " ".join(when(promise, locale).split()) == " ".join(words.split())
