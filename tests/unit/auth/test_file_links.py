"""Signed links to files of threads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from doorstep.errors import TokenRejected
from doorstep.secret import Secret
from gateway.auth.file_links import LASTS, FileLinks, FilePurpose

NOON = datetime(2026, 11, 2, 12, 20, tzinfo=UTC)
OLD, NEW = Secret("an old secret of thirty-two characters"), Secret("a new secret of thirty-two characters!")
MERCHANT, UPLOAD = "mer_01hf7yat00erns75zgym6s2q7y", "upl_01hf7yat01e9nrwzj8zyb2fgqk"
PUT, LOOK = FilePurpose.PUT, FilePurpose.LOOK


class HandClock:
    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time


def links(*secrets: Secret, clock: HandClock | None = None) -> FileLinks:
    return FileLinks(secrets or (NEW,), clock or HandClock())


def test_a_link_opens_its_file_until_it_ends() -> None:
    clock = HandClock()
    ours = links(clock=clock)
    token = ours.issue(LOOK, MERCHANT, UPLOAD)
    grant = ours.read(LOOK, token)
    assert (grant.merchant_id, grant.upload_id, grant.ends_at) == (MERCHANT, UPLOAD, ours.ends_at())
    assert NOON + LASTS <= grant.ends_at <= NOON + 2 * LASTS
    clock.time = grant.ends_at - timedelta(seconds=1)
    ours.read(LOOK, token)
    clock.time = grant.ends_at
    with pytest.raises(TokenRejected) as rejected:
        ours.read(LOOK, token)
    assert rejected.value.expired_at == grant.ends_at


@pytest.mark.parametrize(("issued", "used"), [(PUT, LOOK), (LOOK, PUT)])
def test_a_link_is_good_for_its_purpose_alone(issued: FilePurpose, used: FilePurpose) -> None:
    with pytest.raises(TokenRejected):
        links().read(used, links().issue(issued, MERCHANT, UPLOAD))


def test_what_an_older_secret_signed_still_opens_and_a_strangers_never() -> None:
    token = links(OLD).issue(PUT, MERCHANT, UPLOAD)
    assert links(NEW, OLD).read(PUT, token).upload_id == UPLOAD
    for wrong in (token.replace(UPLOAD, "upl_01hf7yat01e9nrwzj8zyb2fgqz"), token[:-1], "", "a.b.c.d", "ü"):
        with pytest.raises(TokenRejected):
            links(NEW, OLD).read(PUT, wrong)
    with pytest.raises(TokenRejected):
        links(NEW).read(PUT, token)
