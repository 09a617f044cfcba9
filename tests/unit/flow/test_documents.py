"""What a label's bytes are, whatever anybody says of them."""

from __future__ import annotations

import base64

import pytest

from gateway.flow.documents.document import LARGEST, NotADocument, bytes_in, content_type_of, is_data

PDF, PNG = b"%PDF-1.4 page", b"\x89PNG\r\n\x1a\n picture"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (PDF, "application/pdf"),
        (PNG, "image/png"),
        (b"\r\n ^XA^FO50,50^FDhello^FS^XZ", "application/zpl"),
        (b"GIF89a", "image/gif"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"II*\x00", "image/tiff"),
    ],
)
def test_a_label_is_known_by_how_it_begins(body: bytes, content_type: str) -> None:
    assert content_type_of(body) == content_type


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><script>alert(1)</script>",
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b'{"error": "not yet"}',
        b"MZ\x90",
        PDF + b" " * LARGEST,
    ],
    ids=["nothing", "a page", "a drawing with scripts", "an answer", "a program", "too much"],
)
def test_what_no_printer_takes_is_not_kept(body: bytes) -> None:
    with pytest.raises(NotADocument):
        content_type_of(body)


def test_an_address_may_hold_the_document_itself() -> None:
    assert bytes_in(f"data:application/pdf;base64,{base64.b64encode(PDF).decode()}") == PDF
    assert bytes_in("DATA:,%5EXA%5EXZ") == b"^XA^XZ"
    assert is_data("Data:,x")
    assert not is_data("https://labels.example/data:1.pdf")


@pytest.mark.parametrize("address", ["https://labels.example/1.pdf", "data:no comma", "data:;base64,%%%"])
def test_an_address_that_holds_none_says_so(address: str) -> None:
    with pytest.raises(NotADocument):
        bytes_in(address)
