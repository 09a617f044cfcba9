from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from gateway.live.cursor import Place
from gateway.live.history import History
from gateway.live.message import changed


def history_of(topics: Sequence[str], *, per_topic: int = 3, total: int = 100) -> History:
    """The n-th message, counted from 1, is on the n-th topic."""
    history = History(per_topic=per_topic, total=total)
    for number, topic in enumerate(topics, 1):
        history.add(Place(local=number), changed(topic, str(number)))
    return history


def entities(history: History, topics: Sequence[str], number: int) -> list[str] | None:
    found = history.after(topics, Place(local=number))
    return None if found is None else [message.entity_id for _, message in found]


def test_messages_of_several_topics_come_in_their_order() -> None:
    assert entities(history_of("abab"), "ab", 1) == ["2", "3", "4"]
    assert entities(history_of("abab"), "b", 0) == ["2", "4"]


def test_a_topic_that_nobody_spoke_of_missed_nothing() -> None:
    assert entities(history_of("aaaaaa"), "z", 0) == []


def test_a_place_that_a_full_ring_forgot_is_too_old() -> None:
    # Three of "a" are kept: 4, 5, 6. After 3 nothing is missing, after 2 the third is.
    history = history_of("aaaaaa")
    assert entities(history, "a", 3) == ["4", "5", "6"]
    assert entities(history, "a", 2) is None


def test_a_busy_topic_costs_a_quiet_one_nothing() -> None:
    assert entities(history_of("baaaaaa"), "b", 0) == ["1"]


def test_the_quietest_topic_goes_first_when_all_are_too_many() -> None:
    history = history_of("abca", total=3)
    assert len(history) == 3
    assert entities(history, "a", 0) == ["1", "4"]
    # "b" went, and with it what came up to 2; the same floor holds for topics never heard of.
    assert entities(history, "b", 1) is None
    assert entities(history, "z", 1) is None
    assert entities(history, "b", 2) == []


def test_a_cleared_history_begins_at_its_floor() -> None:
    history = history_of("ab")
    history.clear(Place(local=2))
    assert len(history) == 0
    assert entities(history, "a", 1) is None
    assert entities(history, "a", 2) == []


@given(st.lists(st.sampled_from("abcd")), st.integers(1, 4), st.integers(4, 8), st.integers(0, 40))
def test_an_answer_is_complete_or_none(topics: list[str], per_topic: int, total: int, after: int) -> None:
    history = history_of(topics, per_topic=per_topic, total=total)
    assert len(history) <= total
    for topic in "abcd":
        found = entities(history, [topic], after)
        truth = [str(number) for number, said in enumerate(topics, 1) if said == topic and number > after]
        assert found is None or found == truth
