"""Signed links to documents."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from doorstep.errors import TokenRejected
from doorstep.secret import Secret
from gateway.auth.document_links import LASTS, DocumentGrant, DocumentLinks

NOON = datetime(2026, 11, 2, 12, 20, tzinfo=UTC)
OLD, NEW = Secret("an old secret of thirty-two characters"), Secret("a new secret of thirty-two characters!")
MERCHANT, DOCUMENT = "mer_01hf7yat00erns75zgym6s2q7y", "doc_01hf7yat01e9nrwzj8zyb2fgqk"
OTHER = "mer_01hf7yat00erns75zgym6s2q7z"


class HandClock:
    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time


def links(*secrets: Secret, clock: HandClock | None = None) -> DocumentLinks:
    return DocumentLinks(secrets or (NEW,), clock or HandClock())


def test_a_link_opens_the_document_that_it_was_signed_for() -> None:
    assert links().read(links().issue(MERCHANT, DOCUMENT)) == DocumentGrant(MERCHANT, DOCUMENT)


def test_a_link_is_the_same_within_an_hour_and_ends_within_two() -> None:
    clock = HandClock()
    ours = links(clock=clock)
    first = ours.issue(MERCHANT, DOCUMENT)
    clock.time += timedelta(minutes=39)
    assert ours.issue(MERCHANT, DOCUMENT) == first
    clock.time += timedelta(minutes=1)
    assert ours.issue(MERCHANT, DOCUMENT) != first
    # Signed at 12:20, it ends at 14:00.
    clock.time = NOON + timedelta(minutes=100) - timedelta(seconds=1)
    assert ours.read(first).document_id == DOCUMENT
    clock.time += timedelta(seconds=1)
    with pytest.raises(TokenRejected) as rejected:
        ours.read(first)
    assert rejected.value.expired_at == NOON + timedelta(minutes=100) <= NOON + 2 * LASTS


def test_a_link_outlives_the_change_of_keys_and_not_their_end() -> None:
    signed = links(OLD).issue(MERCHANT, DOCUMENT)
    assert links(NEW, OLD).read(signed).merchant_id == MERCHANT
    with pytest.raises(TokenRejected):
        links(NEW).read(signed)


def test_nothing_in_a_link_can_be_changed() -> None:
    signed = links().issue(MERCHANT, DOCUMENT)
    _, _, ends, tag = signed.split(".")
    forged = [
        f"{DOCUMENT}.{OTHER}.{ends}.{tag}",
        f"{DOCUMENT}.{MERCHANT}.{int(ends) + 1}.{tag}",
        signed[:-1],
        f"{signed}ü",
        f".{signed}",
        DOCUMENT,
        "",
    ]
    for token in forged:
        with pytest.raises(TokenRejected):
            links().read(token)
