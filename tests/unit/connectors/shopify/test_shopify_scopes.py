"""What the app asks for against what its documents and topics need, as Shopify publishes it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
from graphql import FieldNode, TypeInfo, TypeInfoVisitor, Visitor, get_named_type, parse, validate, visit

from connectors.stores.shopify import documents
from connectors.stores.shopify.documents import Document
from connectors.stores.shopify.reporting import documents as report_documents
from connectors.stores.shopify.scopes import CHECKOUT_SCOPES, SCOPES, missing_scopes
from connectors.stores.shopify.topics import TOPICS
from tests.schemas.shopify import admin_schema, offline_scopes, topic_scopes

VERSIONS = ("2026-07", "2026-10")
ASKED = (*SCOPES, *CHECKOUT_SCOPES)
ALLOWED = {*ASKED, *(scope.replace("write_", "read_", 1) for scope in ASKED)}
DOCUMENTS = (*documents.ALL, *report_documents.ALL)


class _Reader(Visitor):
    """Collects for each field that is asked for which scopes it needs any one of."""

    def __init__(self, types: TypeInfo, version: str) -> None:
        super().__init__()
        self._types = types
        self._scopes = offline_scopes(version)
        self.needs: set[frozenset[str]] = set()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        parent, kind = self._types.get_parent_type(), self._types.get_type()
        keys = [(parent.name, node.name.value)] if parent is not None else []
        if kind is not None:
            keys.append((get_named_type(kind).name, ""))
        self.needs |= {self._scopes[key] for key in keys if key in self._scopes}


@cache
def needs_of(document: Document, version: str) -> frozenset[frozenset[str]]:
    types = TypeInfo(admin_schema(version))
    reader = _Reader(types, version)
    visit(parse(document.text), TypeInfoVisitor(types, reader))
    return frozenset(reader.needs)


def needs_of_topics() -> Iterator[frozenset[str]]:
    """Shopify names them without what is done: reading, which writing includes."""
    known = topic_scopes()
    names = {name.replace("/", "_").upper(): name for name in known}
    for topic in TOPICS:
        scopes = known[names[topic]]
        if scopes:
            yield frozenset(f"read_{scope}" for scope in scopes)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_document_is_valid_in_both_versions_that_shopify_serves(
    document: Document, version: str
) -> None:
    assert validate(admin_schema(version), parse(document.text)) == []


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_document_can_be_asked_with_the_scopes_of_the_app(document: Document, version: str) -> None:
    closed = [sorted(needed) for needed in needs_of(document, version) if not needed & ALLOWED]
    assert closed == []


def test_every_topic_can_be_subscribed_to_with_the_scopes_of_the_app() -> None:
    assert [sorted(needed) for needed in needs_of_topics() if not needed & ALLOWED] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_only_rates_at_the_checkout_need_what_a_shop_may_not_have_agreed_to(document: Document) -> None:
    without = {*SCOPES, *(scope.replace("write_", "read_", 1) for scope in SCOPES)}
    is_open = all(needed & without for needed in needs_of(document, "2026-10"))
    assert is_open is not document.name.startswith("carrier_service")


@pytest.mark.parametrize("version", VERSIONS)
def test_the_app_asks_for_no_scope_that_it_could_do_without(version: str) -> None:
    needs = {needed for document in DOCUMENTS for needed in needs_of(document, version)}
    needs |= set(needs_of_topics())
    for scope in ASKED:
        rest = set(ASKED) - {scope}
        assert any(not needed & rest for needed in needs), scope


def test_an_operation_of_another_scope_would_be_noticed() -> None:
    stray = Document("stray", "{ customers(first: 1) { nodes { id } } }")
    assert any(not needed & set(SCOPES) for needed in needs_of(stray, "2026-10"))


def test_no_scope_is_asked_for_twice() -> None:
    assert len(set(ASKED)) == len(ASKED)


@pytest.mark.parametrize(
    ("granted", "missing"),
    [
        (set(SCOPES), ()),
        ({*SCOPES, "read_all_orders"}, ()),
        (set(SCOPES) - {"write_fulfillments"}, ("write_fulfillments",)),
        ({*SCOPES, "write_orders"} - {"read_orders"}, ()),
        (set(), SCOPES),
    ],
)
def test_what_is_not_granted_is_named(granted: set[str], missing: tuple[str, ...]) -> None:
    assert missing_scopes(granted) == missing
