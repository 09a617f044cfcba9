"""Photos in a thread, from announcing to forgetting: GraphQL, PUT and GET over HTTP."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from doorstep.clock import ScaledClock
from doorstep.delivery import Delivery
from doorstep.errors import InvalidInput, StateConflict
from doorstep.ids import new_id
from doorstep.thread import Participant, thread_of
from gateway.auth.file_links import FilePurpose
from gateway.flow.messaging.files.record import Upload
from gateway.flow.messaging.files.upload import (
    CROWDED_FOR,
    LARGEST,
    MOST_BYTES,
    MOST_WAITING,
    Announcement,
    announce_upload,
    owner_of,
    take_bytes,
)
from gateway.flow.messaging.threads.write import Files, write
from gateway.store.tidy import tidy
from tests.integration.app.premises import Premises, Tenant
from tests.integration.store.rows import delivery as a_delivery
from tests.integration.store.rows import order as an_order

CREATE = """mutation($in: CreateUploadInput!) { createUpload(input: $in) {
  ... on CreateUploadSuccess { upload { uploadId url headers { name value } expiresAt } }
  ... on Problem { code message path } } }"""
SEND = """mutation($in: SendMessageInput!) { sendMessage(input: $in) {
  ... on SendMessageSuccess { sent { id body attachmentUrls } } ... on Problem { code message path } } }"""
THREAD = "query($id: ID!) { thread(id: $id) { messages(first: 5) { nodes { body attachmentUrls } } } }"
SOMEWHERE = "Telephone of somebody"


def photo(colour: int = 200) -> bytes:
    """As a telephone makes it: it says where it was taken, and by which."""
    exif = Image.Exif()
    exif[0x0110] = SOMEWHERE
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0)})
    written = io.BytesIO()
    Image.new("RGB", (20, 10), (colour, 0, 0)).save(written, "JPEG", exif=exif)
    return written.getvalue()


def described(body: bytes, content_type: str = "image/jpeg") -> Announcement:
    return Announcement(content_type, len(body), hashlib.sha256(body).hexdigest())


@dataclass
class Door:
    """A delivery, and the credentials of those who write about it."""

    premises: Premises
    tenant: Tenant
    delivery: Delivery
    shopper: str

    async def announce(self, body: bytes, key: str = "", other: Mapping[str, object] | None = None) -> Any:
        said = described(body)
        given = {
            "purpose": "PHOTO",
            "contentType": said.content_type,
            "sizeBytes": said.size,
            "sha256": said.sha256,
            **(other or {}),
        }
        answer = await self.premises.ask(CREATE, key or self.shopper, **{"in": given})
        return answer["createUpload"]

    async def put(self, url: str, body: bytes) -> int:
        async with self.premises.session.put(url, data=io.BytesIO(body)) as response:
            return response.status

    async def put_up(self, body: bytes, key: str = "") -> str:
        """Announced, and its bytes are there; gives its id."""
        place = (await self.announce(body, key))["upload"]
        assert await self.put(place["url"], body) == 204
        return str(place["uploadId"])

    async def send(self, words: str, *upload_ids: str, key: str = "", again: str = "") -> Any:
        given = {
            "idempotencyKey": again or new_id("key"),
            "threadId": thread_of(self.delivery.id),
            "body": words,
            "uploadIds": list(upload_ids),
        }
        answer = await self.premises.ask(SEND, key or self.shopper, **{"in": given})
        return answer["sendMessage"]

    async def look(self, url: str) -> tuple[int, bytes, str]:
        async with self.premises.session.get(url) as response:
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
            return response.status, await response.read(), response.content_type


@pytest.fixture
async def door(premises: Premises) -> Door:
    tenant, house = await premises.tenant(), premises.house
    order = an_order("1001", tenant.merchant_id)
    delivery = a_delivery("1001", tenant.merchant_id, order_id=order.id, driver_id=new_id("drv"))
    async with house.means.begin(tenant.merchant_id) as work:
        await work.orders.put(order)
        await work.deliveries.put(delivery)
    token, _ = house.tokens.issue(tenant.merchant_id, delivery.id, 86_400)
    return Door(premises, tenant, delivery, token)


async def test_a_shopper_sends_a_photo_and_the_desk_sees_it_without_where_it_was_taken(door: Door) -> None:
    body = photo()
    assert SOMEWHERE.encode() in body
    upload_id = await door.put_up(body)
    again = new_id("key")
    sent = (await door.send("", upload_id, again=again))["sent"]
    assert (sent["body"], len(sent["attachmentUrls"])) == ("", 1)
    assert (await door.send("", upload_id, again=again))["sent"]["id"] == sent["id"], "a repeat is the same"
    thread = await door.premises.ask(THREAD, door.tenant.secret_key, id=thread_of(door.delivery.id))
    ((url,),) = (node["attachmentUrls"] for node in thread["thread"]["messages"]["nodes"])
    status, seen, content_type = await door.look(url)
    assert (status, content_type) == (200, "image/jpeg")
    assert SOMEWHERE.encode() not in seen
    with Image.open(io.BytesIO(seen)) as shown, Image.open(io.BytesIO(body)) as taken:
        assert shown.tobytes() == taken.tobytes()
        assert not dict(shown.getexif())

    # A link opens one file, for one purpose.
    links, base = door.premises.house.file_links, door.premises.url
    put = links.issue(FilePurpose.PUT, door.tenant.merchant_id, upload_id)
    assert (await door.look(f"{base}/files/{put}"))[0] == 401, "who may put may not look"
    token = url.rpartition("/")[2]
    assert await door.put(f"{base}/uploads/{token}", body) == 401, "who may look may not put"
    assert (await door.look(url[:-1]))[0] == 401
    other = await door.premises.tenant("Other shop")
    foreign = links.issue(FilePurpose.LOOK, other.merchant_id, upload_id)
    assert (await door.look(f"{base}/files/{foreign}"))[0] == 404


async def test_bytes_are_what_was_announced_and_a_picture_whatever_they_are_called(door: Door) -> None:
    page = b"<html><script>alert(1)</script></html>"
    for body, sent in ((photo(), photo(7)), (page, page), (photo()[:200], photo()[:200])):
        place = (await door.announce(body))["upload"]
        assert await door.put(place["url"], sent) == 422
    place = (await door.announce(photo(9), other={"contentType": "image/png"}))["upload"]
    assert await door.put(place["url"], photo(9)) == 422, "it is looked at, not at its name"
    other = (await door.announce(photo(9)))["upload"]
    assert await door.put(other["url"], photo(9)) == 204, "who says it rightly begins anew"
    assert await door.put(place["url"], b"x" * (LARGEST + 1)) == 413
    refused = await door.send("Look", place["uploadId"])
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["input", "uploadIds", "0"])

    for field, value in (
        ("contentType", "image/svg+xml"),
        ("sizeBytes", 0),
        ("sizeBytes", LARGEST + 1),
        ("sha256", "Z" * 64),
        ("purpose", "LABEL"),
    ):
        refused = await door.announce(photo(), other={field: value})
        assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["input", field])


async def test_a_page_of_a_shop_may_put_a_photo_from_its_own_host(door: Door) -> None:
    place = (await door.announce(photo()))["upload"]
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "PUT"}
    async with door.premises.session.options(place["url"], headers=asked) as answer:
        assert answer.status == 204
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Access-Control-Allow-Headers"] == "Content-Type"
    async with door.premises.session.put(place["url"], data=photo()) as answer:
        assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (204, "*")


async def test_nobody_sends_anothers_file_nor_one_twice_nor_one_that_did_not_come(door: Door) -> None:
    upload_id = await door.put_up(photo())
    by_desk = await door.send("Mine?", upload_id, key=door.tenant.secret_key)
    assert by_desk["path"] == ["input", "uploadIds", "0"]
    empty = (await door.announce(photo(2)))["upload"]["uploadId"]
    assert "PUT them first" in (await door.send("There", empty))["message"]
    assert "sent" in await door.send("There", upload_id)
    assert "took it along" in (await door.send("Once more", upload_id))["message"]
    assert (await door.send("Both", upload_id, upload_id))["path"] == ["input", "uploadIds"]
    assert (await door.send(""))["path"] == ["input", "body"]
    # A driver's is the driver's alone.
    means, merchant_id = door.premises.house.means, door.tenant.merchant_id
    owner, body = owner_of(Participant.DRIVER, str(door.delivery.driver_id)), photo()
    upload = await announce_upload(means, merchant_id, owner, described(body))
    assert await announce_upload(means, merchant_id, owner, described(body)) == upload, "a retry is the first"
    await take_bytes(means, merchant_id, upload.id, body)
    about = (means, merchant_id, door.delivery.id, Participant.DRIVER, "At the gate")
    with pytest.raises(InvalidInput):
        await write(*about, "k1", files=Files(owner_of(Participant.DRIVER, new_id("drv")), (upload.id,)))
    message = await write(*about, "k1", files=Files(owner, (upload.id,)))
    assert message.file_ids == (upload.id,)
    for number in range(MOST_WAITING):
        await announce_upload(means, merchant_id, owner, described(b"%d" % number))
    with pytest.raises(StateConflict, match="Too many"):
        await announce_upload(means, merchant_id, owner, described(b"one more"))
    late = replace(means, clock=ScaledClock(means.clock.now() + CROWDED_FOR, 0.0, 0.0))
    fresh = await announce_upload(late, merchant_id, owner, described(b"one more"))
    assert fresh.owner == owner, "who left some lying is not kept from sending for a day"


async def test_files_are_gone_with_the_shopper_and_those_nobody_sent_after_a_day(door: Door) -> None:
    house, merchant_id = door.premises.house, door.tenant.merchant_id
    url = (await door.send("Look", await door.put_up(photo())))["sent"]["attachmentUrls"][0]
    left = await door.put_up(photo(3))
    await tidy(house.database, merchant_id, house.clock.now() + timedelta(hours=25))
    async with house.means.begin(merchant_id) as work:
        assert await work.uploads.get(left) is None
    assert (await door.look(url))[0] == 200
    async with house.means.begin(merchant_id) as work:
        known = await work.redaction.known_of([door.delivery.order_id])
        assert len(list(known["uploads"])) == 1
        await work.redaction.erase_orders([door.delivery.order_id], house.clock.now())
    assert (await door.look(url))[0] == 404
    thread = await door.premises.ask(THREAD, door.tenant.secret_key, id=thread_of(door.delivery.id))
    assert thread["thread"]["messages"]["nodes"] == [{"body": "", "attachmentUrls": []}]


async def test_one_side_fills_no_disk_by_way_of_one_delivery(door: Door) -> None:
    means, merchant_id = door.premises.house.means, door.tenant.merchant_id
    shopper = owner_of(Participant.SHOPPER, door.delivery.id)
    fitting = MOST_BYTES // LARGEST

    def large(number: int) -> Announcement:
        return Announcement("image/jpeg", LARGEST, f"{number:064x}")

    for number in range(fitting):
        hours = CROWDED_FOR * (number // MOST_WAITING)
        later = replace(means, clock=ScaledClock(means.clock.now() + hours, 0.0, 0.0))
        await announce_upload(later, merchant_id, shopper, large(number), door.delivery.id)
    later = replace(means, clock=ScaledClock(means.clock.now() + timedelta(hours=9), 0.0, 0.0))
    with pytest.raises(InvalidInput, match="200 MiB together") as refused:
        await announce_upload(later, merchant_id, shopper, large(fitting), door.delivery.id)
    assert refused.value.path == ("input", "sizeBytes")
    assert "Send smaller photos" in refused.value.message
    again = await announce_upload(later, merchant_id, shopper, large(0), door.delivery.id)
    assert again.sha256 == large(0).sha256, "what was announced before may still come"

    # A driver's count once they are sent, and are not kept out by the shopper's.
    driver = owner_of(Participant.DRIVER, str(door.delivery.driver_id))
    now = means.clock.now()
    held = Upload(
        new_id("upl"), merchant_id, driver, "image/jpeg", MOST_BYTES - LARGEST, "0" * 64, now, body=b"1"
    )
    fits, over = (replace(held, id=f"upl_{ending}", size=LARGEST) for ending in ("a", "b"))
    async with means.begin(merchant_id) as work:
        for upload in (held, fits, over):
            await work.uploads.add(upload)
    about = (means, merchant_id, door.delivery.id, Participant.DRIVER, "At the gate")
    await write(*about, "k1", files=Files(driver, (held.id, fits.id)))
    with pytest.raises(InvalidInput, match="200 MiB together") as refused:
        await write(*about, "k2", files=Files(driver, (over.id,)))
    assert refused.value.path == ("input", "uploadIds", "0")
