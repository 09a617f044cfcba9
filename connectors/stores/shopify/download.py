"""Fetching the file of a bulk operation.

The file is fetched without our token, from Google's storage, where Shopify keeps such files, or from
Shopify's own hosts, over https; from a simulator on this machine as it comes. A redirect is followed to these
alone: whoever could send us elsewhere could feed us orders. It is written to a file without a name, which is
gone with the process, and is bounded by the disk alone.
"""

from __future__ import annotations

import asyncio
import gzip
import ssl
import tempfile
import zlib
from collections.abc import Awaitable, Callable, Iterator
from typing import IO
from urllib.parse import urljoin, urlsplit

import aiohttp

from connectors.stores.shopify.answers import SYSTEM
from connectors.stores.shopify.link import is_loopback
from doorstep.errors import RemoteRefused, RemoteUnavailable

TRIES = 6
_REDIRECTS = 3
_CHUNK = 256 * 1024
_EXPIRED = frozenset({403, 404, 410})
_HOSTS = ("storage.googleapis.com", ".storage.googleapis.com", ".shopify.com", ".myshopify.com")
_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=15, sock_read=60)


class FileExpired(RemoteUnavailable):
    """The address does not hold (any longer): Shopify has to be asked for another."""

    def __init__(self) -> None:
        super().__init__("Shopify's file of orders has expired", system=SYSTEM, raw_code="file_expired")


class Downloader:
    """Fetches one file after another.

    Parameters
    ----------
    is_simulated
        Files come from this machine, over plain HTTP.
    ca_file
        Certificates that are trusted beside the system's; "" for none.
    folder
        Where the nameless files lie; None for the system's place.
    """

    def __init__(
        self,
        *,
        is_simulated: bool,
        ca_file: str = "",
        folder: str | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._is_simulated = is_simulated
        self._ca_file = ca_file
        self._folder = folder
        self._sleep = sleep

    async def fetch(self, url: str, size: int | None) -> IO[bytes]:
        """The file, at its beginning; whoever gets it closes it.

        Parameters
        ----------
        size
            Bytes that it has at least, where Shopify said so.

        Raises
        ------
        FileExpired
            If the address does not hold.
        RemoteRefused
            If it lies where no file of Shopify's does.
        RemoteUnavailable
            If it does not come whole, or the disk is full.
        """
        file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - handed on, or closed below
        try:
            async with aiohttp.ClientSession(
                timeout=_TIMEOUT,
                auto_decompress=False,
                # A proxy of this network is used for what leaves this machine, as for the API itself.
                trust_env=not self._is_simulated,
                connector=aiohttp.TCPConnector(ssl=self._trust()),
            ) as session:
                await _Transfer(session, file, self).run(url, size)
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return file

    def check(self, url: str) -> str:
        """The address, if a file of Shopify's may lie there."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        simulated = self._is_simulated and parts.scheme == "http" and is_loopback(url)
        ours = any(host.endswith(one) if one.startswith(".") else host == one for one in _HOSTS)
        if not simulated and not (parts.scheme == "https" and ours):
            text = "Shopify's file of orders is where none of its files should be"
            raise RemoteRefused(text, system=SYSTEM, raw_code="file_elsewhere")
        return url

    async def pause(self, failures: int) -> None:
        """Wait before the next try, longer each time."""
        await self._sleep(float(2 ** min(failures, 5)))

    def _trust(self) -> ssl.SSLContext | bool:
        if not self._ca_file:
            return True
        context = ssl.create_default_context()
        try:
            context.load_verify_locations(self._ca_file)
        except OSError:
            text = "the file of trusted certificates cannot be read"
            raise RemoteUnavailable(text, system=SYSTEM, raw_code="ca_file") from None
        return context


class _Transfer:
    """One file on its way."""

    def __init__(self, session: aiohttp.ClientSession, file: IO[bytes], downloader: Downloader) -> None:
        self._session = session
        self._file = file
        self._downloader = downloader
        self._tag = ""

    async def run(self, url: str, size: int | None) -> None:
        failures = 0
        while True:
            try:
                if await self._once(url) and await asyncio.to_thread(self._is_whole, size):
                    return
            except (aiohttp.ClientError, TimeoutError):
                pass  # told below, if it goes on
            except OSError:
                text = "there is no room on the disk for Shopify's file of orders"
                raise RemoteUnavailable(text, system=SYSTEM, raw_code="disk_full") from None
            failures += 1
            if failures == TRIES:
                text = "Shopify's file of orders does not come whole"
                raise RemoteUnavailable(text, system=SYSTEM, raw_code="half_file")
            await self._downloader.pause(failures)

    async def _once(self, url: str) -> bool:
        """Get the rest of the file; whether the answer ended where it should."""
        got = self._file.tell()
        headers = {"Accept-Encoding": "gzip"}
        if got and self._tag:
            # Goes on where it broke off, if it still is the same file.
            headers |= {"Range": f"bytes={got}-", "If-Range": self._tag}
        for _ in range(_REDIRECTS + 1):
            address = self._downloader.check(url)
            async with self._session.get(address, headers=headers, allow_redirects=False) as response:
                if response.status not in {301, 302, 303, 307, 308}:
                    return await self._take(response, got)
                url = urljoin(url, response.headers.get("Location", ""))
        return False

    async def _take(self, response: aiohttp.ClientResponse, got: int) -> bool:
        if response.status in _EXPIRED:
            raise FileExpired
        goes_on = response.headers.get("Content-Range", "").startswith(f"bytes {got}-")
        if response.status not in {200, 206} or (response.status == 206 and not goes_on):
            if response.status < 500:
                self._begin_anew()
            return False
        if response.status == 200:
            self._begin_anew()
        tag = response.headers.get("ETag", "")
        self._tag = "" if tag.startswith("W/") else tag
        async for chunk in response.content.iter_chunked(_CHUNK):
            self._file.write(chunk)
        return True

    def _begin_anew(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._tag = ""

    def _is_whole(self, size: int | None) -> bool:
        got = self._file.tell()
        if not got:
            return False
        self._file.seek(0)
        packed = self._file.read(2) == _GZIP
        self._file.seek(0, 2)
        if packed:
            if _unpacks(self._file):
                return True
            self._begin_anew()
            return False
        return size is None or got >= size


_GZIP = b"\x1f\x8b"


def chunks_of(file: IO[bytes]) -> Iterator[bytes]:
    """The contents, unpacked where they are packed."""
    file.seek(0)
    packed = file.read(2) == _GZIP
    file.seek(0)
    source = gzip.GzipFile(fileobj=file) if packed else file
    while chunk := source.read(_CHUNK):
        yield chunk


def _unpacks(file: IO[bytes]) -> bool:
    try:
        for _ in chunks_of(file):
            pass
    except (EOFError, OSError, zlib.error):
        return False
    finally:
        file.seek(0, 2)
    return True
