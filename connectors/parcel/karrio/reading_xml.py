"""Reading a stranger's XML: what is absent reads as empty, and definitions of its own are refused."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

_NONE = ElementTree.Element("none")


class Xml:
    """One element, found again by local names: carriers change namespaces with every version."""

    def __init__(self, element: ElementTree.Element = _NONE) -> None:
        self._element = element

    @classmethod
    def parse(cls, raw: bytes) -> Xml:
        """The root; an empty element where it is no XML, or brings a document type, which no carrier does."""
        if is_unsafe(raw):
            return cls()
        try:
            return cls(ElementTree.fromstring(raw))  # noqa: S314 - without a document type nothing expands
        except ElementTree.ParseError:
            return cls()

    @property
    def name(self) -> str:
        """Local name."""
        return self._element.tag.rpartition("}")[2]

    @property
    def content(self) -> str:
        """Text without white space around it."""
        return (self._element.text or "").strip()

    def attribute(self, name: str) -> str:
        """An attribute, "" where there is none."""
        return self._element.get(name, "")

    def all(self, name: str) -> Iterator[Xml]:
        """Every element of this local name below, in the order of the document."""
        for element in self._element.iter():
            if element.tag.rpartition("}")[2] == name:
                yield Xml(element)

    def first(self, name: str) -> Xml:
        """The first of them, an empty element where there is none."""
        return next(self.all(name), Xml())

    def text(self, name: str) -> str:
        """The text of the first of them."""
        return self.first(name).content


def is_unsafe(raw: bytes) -> bool:
    """Whether it declares entities or a document type of its own, or may hide them in a wide encoding."""
    return b"<!DOCTYPE" in raw or b"<!ENTITY" in raw or b"\x00" in raw
