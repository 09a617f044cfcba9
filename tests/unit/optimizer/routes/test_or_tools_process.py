"""OR-Tools searches in processes of its own: nobody waits for it, and nobody dies with it."""

from __future__ import annotations

import os
import resource
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from time import monotonic, process_time, sleep

import pytest

from doorstep.van import Break
from doorstep.window import Window
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.or_tools.process import SearchDied, SearchProcesses
from optimizer.routes.or_tools.search import Question, search
from tests.unit.optimizer.routes.by_hand import day, span, van, visit
from tests.unit.optimizer.routes.days import random_day
from tests.unit.optimizer.routes.town import travel_for

PROBLEM = day([visit("a"), visit("b", 9)], van(breaks=(Break("lunch", span(20, 30), 600),)))
TASK = task_of(PROBLEM, travel_for(PROBLEM))
BUSY = random_day(12, visits=24, vans=2, features=("pairs", "overtime", "limits"))
BUSY_TASK = task_of(BUSY, travel_for(BUSY))

SPEAKS = "from optimizer.routes.or_tools.worker import *; import os, sys; out = sys.stdout.buffer; "
"""A worker with a mind of its own begins so."""


@pytest.fixture
def processes() -> Iterator[SearchProcesses]:
    made = SearchProcesses()
    yield made
    made.close()


def never() -> bool:
    return False


def worker(program: str) -> SearchProcesses:
    return SearchProcesses((sys.executable, "-c", SPEAKS + program))


def test_the_answer_is_that_of_the_search_itself(processes: SearchProcesses) -> None:
    question = Question(TASK, ((0, 1),), 30, 2)
    assert processes.ask(lambda: question, never) == search(question) is not None


def test_a_process_that_has_answered_is_asked_again(processes: SearchProcesses) -> None:
    def ask() -> float:
        began_s = monotonic()
        assert processes.ask(lambda: Question(TASK, ((0, 1),), 30, 1), never)
        return monotonic() - began_s

    first_s = ask()
    assert min(ask() for _ in range(3)) < first_s / 2


def test_other_threads_go_on_while_it_searches(processes: SearchProcesses) -> None:
    processes.ask(lambda: Question(TASK, ((0, 1),), 30, 1), never)
    question = Question(BUSY_TASK, ((), ()), 1.0)
    asking = threading.Thread(target=lambda: processes.ask(lambda: question, never))
    asking.start()
    began_s = process_time()
    while asking.is_alive():
        sleep(0.001)
    # Within this process the search would take its whole second, and hold all threads up meanwhile.
    assert process_time() - began_s < 0.3


def test_who_does_not_wait_any_more_gets_nothing_and_the_process_is_ended(processes: SearchProcesses) -> None:
    began_s = monotonic()
    is_over = threading.Event()
    threading.Timer(0.3, is_over.set).start()
    assert processes.ask(lambda: Question(BUSY_TASK, ((), ()), 600), is_over.is_set) is None
    assert monotonic() - began_s < 60


def test_it_answers_where_a_thousand_files_are_open(processes: SearchProcesses) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    opened = [os.open(os.devnull, os.O_RDONLY)]
    try:
        while opened[-1] < 1024:
            opened.append(os.dup(opened[0]))
        assert processes.ask(lambda: Question(TASK, ((0, 1),), 30, 1), never)
    finally:
        for number in opened:
            os.close(number)
        processes.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_no_more_search_at_once_than_there_is_room_for() -> None:
    processes = SearchProcesses(most=1)
    is_asked, is_over = threading.Event(), threading.Event()

    def question() -> Question:
        is_asked.set()
        return Question(BUSY_TASK, ((), ()), 60)

    first = threading.Thread(target=lambda: processes.ask(question, is_over.is_set))
    first.start()
    assert is_asked.wait(30)
    is_asked.clear()
    # Whoever waits for a place gives up when nobody waits for the answer any more.
    assert processes.ask(question, lambda: True) is None
    assert not is_asked.is_set()
    is_over.set()
    first.join()
    assert processes.ask(lambda: Question(TASK, ((0, 1),), 30, 1), never)
    processes.close()


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("os.abort()", "ended with -6"),
        ("send(out, 'ready'); receive(sys.stdin.buffer); os.abort()", "ended with -6"),
        ("send(out, 'ready'); receive(sys.stdin.buffer); send(out, 'KeyError: 3')", "KeyError: 3"),
    ],
)
def test_a_process_that_dies_takes_nobody_with_it(program: str, message: str) -> None:
    processes = worker(program)
    with pytest.raises(SearchDied, match=message):
        processes.ask(lambda: Question(TASK, ((0, 1),), 1), never)
    processes.close()


def test_a_process_that_died_between_two_questions_is_replaced() -> None:
    processes = worker(
        "send(out, 'ready'); receive(sys.stdin.buffer); send(out, ((1, 0),)); out.close(); os._exit(1)"
    )
    for _ in range(2):
        assert processes.ask(lambda: Question(TASK, ((0, 1),), 1), never) == ((1, 0),)
        sleep(0.2)
    processes.close()


def test_prices_beyond_what_the_library_counts_are_cut(processes: SearchProcesses) -> None:
    for_ever = Window(datetime(2000, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))
    problem = day([visit("a")], van(shift=for_ever), cost_per_km_minor=10**8, cost_per_hour_minor=10**8)
    task = task_of(problem, travel_for(problem))
    # To leave it out costs as much as a tour of eight thousand years.
    assert task.skip_costs[0] > 1 << 73
    assert processes.ask(lambda: Question(task, ((),), 30, 1), never) == ((0,),)


def test_the_same_iterations_give_the_same_tours_however_long_they_take(processes: SearchProcesses) -> None:
    # A day with a dozen solutions in three seconds: they are no measure of how long to search.
    began_s = monotonic()
    found = {processes.ask(lambda: Question(BUSY_TASK, ((), ()), 600, 4), never) for _ in range(2)}
    assert len(found) == 1
    assert monotonic() - began_s < 300
