"""What passes between the gateway and the process in which roads live."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.roads import worker


@given(st.lists(st.binary(max_size=50)))
def test_frames_come_out_as_they_went_in(payloads: list[bytes]) -> None:
    stream = io.BytesIO()
    for payload in payloads:
        worker.write_frame(stream, payload)
    stream.seek(0)
    assert [worker.read_frame(stream) for _ in payloads] == payloads
    assert worker.read_frame(stream) is None


@given(st.dictionaries(st.text(), st.integers()), st.binary())
def test_answers_come_out_as_they_went_in(head: dict[str, int], cells: bytes) -> None:
    read_head, read_cells = worker.decode_answer(worker.encode_answer(head, cells))
    assert read_head == head
    assert read_cells == cells


@pytest.mark.parametrize("kept", [3, 10])
def test_half_a_frame_is_the_end(kept: int) -> None:
    stream = io.BytesIO()
    worker.write_frame(stream, b"question")
    assert worker.read_frame(io.BytesIO(stream.getvalue()[:kept])) is None


def test_a_refusal_of_the_engine_is_an_answer_and_the_next_question_is_heard() -> None:
    class Refusing:
        def Route(self, _parameters: object) -> object:  # noqa: N802  the engine's own name
            raise RuntimeError("InvalidValue - coordinate out of range")

    questions, answers = io.BytesIO(), io.BytesIO()
    worker.write_frame(questions, b'{"ask": "route", "stops": [[1, 2], [3, 4]]}')
    worker.write_frame(questions, b'{"ask": "ready"}')
    questions.seek(0)
    answered: list[int] = []
    worker.serve(Refusing(), questions, answers, on_answered=lambda: answered.append(answers.tell()))
    assert answered[-1] == len(answers.getvalue()) > answered[0] > 0
    answers.seek(0)
    heads = [worker.decode_answer(frame)[0] for frame in iter(lambda: worker.read_frame(answers), None)]
    assert heads == [{"error": "InvalidValue - coordinate out of range"}, {"ready": True}]
