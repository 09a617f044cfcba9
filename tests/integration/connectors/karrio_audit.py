"""Runs all six carriers in a process of its own and tells what karrio did to it, as JSON on the last line.

Not a test: `test_karrio_import` runs it. Importing karrio changes a process: that is looked at from outside.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import ssl
import sys
import threading
import time
import urllib.error
import urllib.request
from typing import Any

import trustme

from connectors.parcel.karrio.importing import load
from tests.integration.connectors.karrio_rig import BUDGET_S, CASES, open_grounds, open_rig

opened: list[str] = []


def listen(event: str, arguments: tuple[Any, ...]) -> None:
    """Audit hook: `urllib` says whom it is about to ask."""
    if event == "urllib.Request":
        opened.append(str(arguments[0]))


class Impostor:
    """A server on this machine with a certificate of nobody we know."""

    def __init__(self) -> None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
        self._context = context
        self._loop = asyncio.new_event_loop()
        self.port = 0
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,))
        self._thread.start()
        ready.wait(10)

    def is_believed(self) -> bool:
        """Whether the standard library speaks with it; openers keep what they were made with."""
        opener = urllib.request.build_opener()
        try:
            with opener.open(f"https://127.0.0.1:{self.port}/", timeout=5):
                return True
        except urllib.error.URLError as refused:
            if isinstance(refused.reason, ssl.SSLCertVerificationError):
                return False
            raise

    def close(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._answer, "127.0.0.1", 0, ssl=self._context)
        )
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        self._loop.run_forever()
        server.close()
        self._loop.run_until_complete(asyncio.sleep(0.05))
        self._loop.close()

    @staticmethod
    async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()


def import_it() -> list[bool]:
    """Import all six while another thread looks on; gives every state of verification that it saw."""
    ours = ssl._create_default_https_context
    seen: set[bool] = set()
    is_done = threading.Event()

    def look_on() -> None:
        while not is_done.is_set():
            seen.add(ssl._create_default_https_context is ours)
            time.sleep(0)

    thread = threading.Thread(target=look_on)
    thread.start()
    for case in CASES:
        plugin = {"canada_post": "canadapost"}.get(case.plugin.carrier, case.plugin.carrier)
        load(plugin)
    is_done.set()
    thread.join()
    return sorted(seen)


async def live() -> dict[str, list[str]]:
    """Quote, buy, follow to the door, void: with every carrier."""
    done: dict[str, list[str]] = {}
    async with open_grounds() as grounds:
        for case in CASES:
            async with open_rig(case, grounds) as rig:
                if case.plugin.carrier == "fedex":
                    rig.house.sends_links = True
                made = await rig.book()
                rig.live(30)
                update = await rig.carrier.fetch(made.external_id, BUDGET_S)
                other = await rig.book(booking_key="leg_2")
                void = await rig.carrier.cancel(other.external_id, "", BUDGET_S)
                done[case.plugin.carrier] = [update.status, void.status]
    return done


def ask_karrio_itself() -> list[str]:
    """What karrio's own FedEx parser asks for, once a parcel was delivered."""
    library = load("fedex")
    mapper = library.mapper(library.settings(account_number="1"))
    event = {"date": "2026-11-24T10:00:00-05:00", "eventType": "DL", "eventDescription": "Delivered"}
    status = {"latestStatusDetail": {"code": "DL"}, "scanEvents": [event]}
    body = {"output": {"completeTrackResults": [{"trackingNumber": "1", "trackResults": [status]}]}}
    before = len(opened)
    mapper.parse_tracking_response(library.lib.Deserializable(body))
    return opened[before:]


def main() -> None:
    """Do it all, and tell."""
    sys.addaudithook(listen)
    impostor = Impostor()
    told: dict[str, Any] = {"believed_before": impostor.is_believed()}
    if "--bare" in sys.argv:
        importlib.import_module("karrio.sdk")
        told["believed_after"] = impostor.is_believed()
    else:
        told["seen_while_importing"] = import_it()
        told["believed_after"] = impostor.is_believed()
        told["torn_pictures"] = sys.modules["PIL.ImageFile"].__dict__["LOAD_TRUNCATED_IMAGES"]
        opened.clear()
        told["done"] = asyncio.run(live())
        told["opened_by_us"] = list(opened)
        told["opened_by_karrio"] = ask_karrio_itself()
        told["gateways"] = sorted(name for name in sys.modules if name == "karrio.sdk")
        told["gateway"] = bool(importlib.import_module("karrio.sdk").gateway["ups"])
        told["believed_after_gateway"] = impostor.is_believed()
    impostor.close()
    sys.stdout.write("\n" + json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
