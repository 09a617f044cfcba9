"""The process that searches: it says that it is ready, then answers questions until its input ends.

A message is its length in eight bytes and a pickle; both ends are this program.
"""

from __future__ import annotations

import os
import pickle
import struct
from typing import BinaryIO

LENGTH = struct.Struct("!Q")


def send(stream: BinaryIO, message: object) -> None:
    """Write a message whole."""
    payload = pickle.dumps(message)
    stream.write(LENGTH.pack(len(payload)) + payload)
    stream.flush()


def receive(stream: BinaryIO) -> object:
    """The next message.

    Raises
    ------
    EOFError
        If the other end is gone.
    """
    head = stream.read(LENGTH.size)
    payload = stream.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else b""
    if not payload:
        raise EOFError
    return pickle.loads(payload)  # noqa: S301  # the other end is this program


def main() -> None:
    """Serve until nobody asks any more. An answer is the tours, None for none found, or what went wrong."""
    # What the library prints must not end up among the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    from optimizer.routes.or_tools.search import Question, search

    questions = os.fdopen(0, "rb")
    send(answers, "ready")
    while True:
        try:
            question = receive(questions)
        except EOFError:
            return
        assert isinstance(question, Question)  # noqa: S101  # nobody else writes here
        try:
            send(answers, search(question))
        except Exception as error:  # told, not lost: the other end raises it
            send(answers, f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
