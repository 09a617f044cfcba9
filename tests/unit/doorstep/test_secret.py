"""A secret shows itself to nobody but who asks for it by name."""

from __future__ import annotations

import json
import logging
import traceback
from dataclasses import dataclass

import msgspec
import pytest

from doorstep.secret import Secret

CANARY = "hunter2-3f9a-canary"
SECRET = Secret(CANARY)


@dataclass(frozen=True, slots=True)
class Login:
    """Something that holds a secret."""

    user: str
    password: Secret


@pytest.mark.parametrize(
    "shown",
    [
        repr(SECRET),
        str(SECRET),
        f"{SECRET}",
        f"{SECRET!r:>40}",
        f"{SECRET!s}",
        "%s" % SECRET,  # noqa: UP031 - this very way of formatting is tried
        "{}".format(SECRET),  # noqa: UP032 - likewise
        repr([SECRET]),
        repr({"key": SECRET}),
        repr(Login("ann", SECRET)),
    ],
)
def test_no_way_of_printing_shows_it(shown: str) -> None:
    assert CANARY not in shown
    assert "***" in shown


def test_logs_do_not_show_it(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("anywhere").warning("login %s with %r", Login("ann", SECRET), SECRET)
    assert "ann" in caplog.text
    assert CANARY not in caplog.text


def test_tracebacks_with_all_locals_do_not_show_it() -> None:
    def fail(secret: Secret) -> None:
        raise ValueError(f"cannot log in with {secret}")

    with pytest.raises(ValueError, match="cannot") as caught:
        fail(SECRET)
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert CANARY not in "".join(shown.format())


@pytest.mark.parametrize(
    "write", [json.dumps, msgspec.json.encode, msgspec.to_builtins, msgspec.msgpack.encode]
)
def test_nobody_can_write_it_out_by_accident(write: object) -> None:
    assert callable(write)
    for holder in (SECRET, [SECRET], {"key": SECRET}):
        with pytest.raises(TypeError) as refusal:
            write(holder)
        assert CANARY not in str(refusal.value)


def test_only_reveal_gives_the_value() -> None:
    assert SECRET.reveal() == CANARY


def test_it_matches_its_value_and_nothing_else() -> None:
    assert SECRET.matches(CANARY)
    for other in ("", CANARY[:-1], CANARY + "x", CANARY.upper(), "пароль"):
        assert not SECRET.matches(other)
    assert Secret("пароль").matches("пароль")


def test_two_secrets_are_equal_by_value_and_never_to_a_bare_string() -> None:
    assert Secret(CANARY) == SECRET
    assert hash(SECRET) == hash(Secret(CANARY))
    assert Secret("other") != SECRET
    assert SECRET != CANARY


def test_an_empty_secret_is_false_and_says_that_it_is_empty() -> None:
    assert not Secret("")
    assert repr(Secret("")) == "Secret('')"
    assert SECRET
