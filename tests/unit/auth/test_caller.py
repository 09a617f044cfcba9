from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.auth.caller import Audience, Caller, Scope

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def caller(
    audience: Audience = Audience.SECRET, *scopes: Scope, origins: frozenset[str] = frozenset()
) -> Caller:
    return Caller(audience, "mer_a", "key_a", frozenset(scopes), origins, None, NOON)


def test_scopes_sort_by_power_and_not_by_the_alphabet() -> None:
    # By the alphabet ADMINISTER would come first and READ last.
    assert sorted(Scope, reverse=True) == [Scope.ADMINISTER, Scope.CONFIGURE, Scope.OPERATE, Scope.READ]
    assert Scope.READ < Scope.OPERATE <= Scope.OPERATE < Scope.CONFIGURE < Scope.ADMINISTER
    assert Scope.ADMINISTER > Scope.READ
    assert Scope.READ >= Scope.READ


@pytest.mark.parametrize("held", list(Scope))
@pytest.mark.parametrize("asked", list(Scope))
def test_a_scope_includes_those_below_it(held: Scope, asked: Scope) -> None:
    assert caller(Audience.SECRET, held).may(asked) == (list(Scope).index(held) >= list(Scope).index(asked))


def test_nobody_may_anything_without_a_scope() -> None:
    assert not caller().may(Scope.READ)


def test_a_publishable_key_works_on_pages_of_its_origins_only() -> None:
    shopper = caller(Audience.PUBLISHABLE, Scope.OPERATE, origins=frozenset({"https://shop.example"}))
    assert shopper.allows_origin("https://shop.example")
    assert not shopper.allows_origin("https://shop.example.evil.example")
    assert not shopper.allows_origin("null")
    assert shopper.allows_origin(None)


def test_a_publishable_key_without_origins_works_on_no_page() -> None:
    assert not caller(Audience.PUBLISHABLE, Scope.OPERATE).allows_origin("https://shop.example")


def test_a_credential_ends_at_its_instant() -> None:
    assert not caller().is_expired(NOON - timedelta(microseconds=1))
    assert caller().is_expired(NOON)
