"""Photos lose what a camera wrote beside them and nothing that is seen, as another reader says."""

from __future__ import annotations

import io
import struct
import time
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from gateway.flow.messaging.files.picture import NotAPicture, content_type_of, without_remarks
from gateway.flow.messaging.files.upload import LARGEST

GPS, ORIENTATION, CAMERA = 0x8825, 0x0112, 0x0110
WHERE = "Telephone of somebody"


def _image() -> Image.Image:
    image = Image.new("RGB", (40, 30), (200, 30, 30))
    for x in range(40):
        image.putpixel((x, x * 3 // 4), (x * 6, 255 - x, x))
    return image


def _exif(orientation: int = 6) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION], exif[CAMERA] = orientation, WHERE
    exif.get_ifd(GPS).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    return exif


def _saved(kind: str, **how: object) -> bytes:
    written = io.BytesIO()
    _image().save(written, kind, **how)
    return written.getvalue()


def _png() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", WHERE)
    info.add_itxt("XML:com.adobe.xmp", f"<x>{WHERE}</x>")
    return _saved("PNG", pnginfo=info, exif=_exif())


PICTURES: Mapping[str, Callable[[], bytes]] = {
    "baseline": lambda: _saved("JPEG", exif=_exif(), comment=WHERE.encode(), icc_profile=b"p" * 200),
    "progressive": lambda: _saved("JPEG", exif=_exif(), progressive=True, xmp=WHERE.encode()),
    "restarts": lambda: _saved("JPEG", exif=_exif(), restart_marker_rows=1),
    "png": _png,
    "webp": lambda: _saved("WEBP", exif=_exif(), xmp=WHERE.encode()),
    "lossless": lambda: _saved("WEBP", exif=_exif(), lossless=True),
}


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_place_camera_and_remarks_are_gone_and_every_pixel_is_there(name: str) -> None:
    before = PICTURES[name]()
    assert WHERE.encode() in before
    after = without_remarks(before)
    assert content_type_of(after) == content_type_of(before)
    assert WHERE.encode() not in after
    with Image.open(io.BytesIO(before)) as was, Image.open(io.BytesIO(after)) as now:
        assert now.tobytes() == was.tobytes()
        assert now.info.get("icc_profile") == was.info.get("icc_profile"), "colours stay as they were meant"
        assert dict(now.getexif().get_ifd(GPS)) == {}
        assert CAMERA not in now.getexif()
        assert "xmp" not in now.info
    assert without_remarks(after) == after


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_stays_the_way_up_it_was_held(orientation: int) -> None:
    after = without_remarks(_saved("JPEG", exif=_exif(orientation)))
    with Image.open(io.BytesIO(after)) as shown:
        assert shown.getexif().get(ORIENTATION, 1) == orientation
        assert set(shown.getexif()) <= {ORIENTATION}


def test_previews_and_words_that_hide_among_what_says_how_colours_are_meant_are_cut() -> None:
    plain = _saved("JPEG")
    assert plain[2:4] == b"\xff\xe0", "it begins with JFIF's own segment, 18 bytes without a preview"
    preview = WHERE.encode()[:12]  # 2 by 2 pixels, of three bytes
    small = b"\xff\xe0" + struct.pack(">H", 16 + 12) + plain[6:18] + b"\x02\x02" + preview
    words = [
        (0xE0, b"JFXX\x00\x13"),
        (0xE0, b"II\x1a\x00\x00\x00HEAPJPGM"),
        (0xE2, b"MPF\x00"),
        (0xEE, b"Other"),
    ]
    hidden = b"".join(
        struct.pack(">BBH", 0xFF, kind, 2 + len(begin + preview)) + begin + preview for kind, begin in words
    )
    before = plain[:2] + small + hidden + plain[20:]
    assert without_remarks(before) == plain == without_remarks(plain)


def test_a_png_or_webp_is_shown_as_its_pixels_lie() -> None:
    for name in ("png", "webp"):
        with Image.open(io.BytesIO(without_remarks(PICTURES[name]()))) as shown:
            assert dict(shown.getexif()) == {}


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_what_hangs_behind_the_end_is_cut(name: str) -> None:
    picture = PICTURES[name]()
    assert without_remarks(picture + b"<script>a film of the street</script>") == without_remarks(picture)


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_a_picture_that_is_not_whole_is_refused(name: str) -> None:
    picture = PICTURES[name]()
    for length in (12, 30, len(picture) // 2, len(picture) - 1):
        with pytest.raises(NotAPicture):
            without_remarks(picture[:length])


@pytest.mark.parametrize(
    "body",
    [b"", b"GIF89a", b"%PDF-1.7", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", b"RIFF0000AVI "],
)
def test_what_is_no_picture_of_ours_is_refused(body: bytes) -> None:
    with pytest.raises(NotAPicture):
        content_type_of(body)


@given(
    st.binary(max_size=300),
    st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x40\x00\x00\x00WEBP"]),
)
def test_whatever_comes_it_is_a_picture_or_refused(noise: bytes, begin: bytes) -> None:
    try:
        assert without_remarks(begin + noise)
    except NotAPicture:
        pass


def test_pixels_that_are_made_to_be_slow_are_read_at_once() -> None:
    before = PICTURES["baseline"]()
    slow = before[:-2] + b"\xff\x00" * (LARGEST // 2) + before[-2:]
    began_s = time.process_time()
    assert without_remarks(slow).endswith(b"\xff\x00\xff\xd9")
    # One step in Python for each pair takes longer than this by far.
    assert time.process_time() - began_s < 0.5


def test_a_segment_that_says_it_has_no_length_ends_nothing_in_a_circle() -> None:
    with pytest.raises(NotAPicture):
        without_remarks(b"\xff\xd8\xff\xe1" + struct.pack(">H", 0) + b"\xff\xd9")
