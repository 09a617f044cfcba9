"""A simulated shop with our plugin: its merchant presses the button, and its server signs calls."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from doorstep.order import Store, StorePlatform
from gateway.store.accounts import stores_at
from simulator.stores.woocommerce.plugin import DoorstepPlugin
from tests.integration.app.market import Market
from tests.integration.app.premises import Premises


@dataclass(frozen=True, slots=True)
class PluginShop:
    """What a test touches of the shop and of the way from it to the gateway."""

    premises: Premises
    market: Market

    @property
    def plugin(self) -> DoorstepPlugin:
        return self.market.woocommerce.plugin

    @property
    def url(self) -> str:
        return f"{self.market.url}/woocommerce"

    @property
    def page(self) -> str:
        """The plugin's settings page."""
        return f"{self.url}/wp-admin/admin.php?page=doorstep"

    def switch_on(self) -> None:
        self.plugin.is_active = True
        self.market.woocommerce.granting.allows_loopback = True

    async def ask(self, *, referer: str = "", **query: str) -> tuple[int, str]:
        """What the gateway says to a browser that was sent to it: status, and where to go on or the page."""
        asked = {"shop": self.url, "return": self.page, "state": "s" * 40, **query}
        headers = {"Referer": referer} if referer else {}
        address = f"{self.premises.url}/install/woocommerce"
        async with self.premises.session.get(
            address, params=asked, headers=headers, allow_redirects=False
        ) as answer:
            return answer.status, answer.headers.get("Location") or await answer.text()

    async def press(self) -> str:
        """The merchant presses Connect; gives the page of the shop where they may agree."""
        self.switch_on()
        status, link = await self.ask(referer=self.page, state=self.plugin.press_connect())
        assert status == 302, link
        return link

    async def agree(self, link: str) -> str:
        """The merchant agrees; gives what the settings page is told, or what WooCommerce shows instead."""
        decision = await self.market.woocommerce.granting.approve(link)
        return decision.problem or await self.told(decision.location)

    async def told(self, location: str) -> str:
        headers = {"Referer": f"{self.url}/wc-auth/v1/authorize"}
        async with self.premises.session.get(location, headers=headers, allow_redirects=False) as back:
            assert back.status == 302, await back.text()
            query = dict(parse_qsl(urlsplit(back.headers["Location"]).query))
        assert back.headers["Location"].startswith(self.page)
        return query["doorstep"]

    async def connect(self) -> str:
        return await self.agree(await self.press())

    async def store(self) -> Store | None:
        """The store that the shop is, whosever; the only one."""
        async with self.premises.house.database.doors() as connection:
            found = await stores_at(connection, StorePlatform.WOOCOMMERCE, self.url)
        assert len(found) < 2
        for store_id, merchant_id in found:
            async with self.premises.house.means.begin(merchant_id) as work:
                return await work.accounts.store(store_id)
        return None

    async def sign(
        self,
        call: str,
        body: object,
        *,
        secret: str | None = None,
        site: str | None = None,
        age_s: float = 0.0,
        sent: bytes | None = None,
    ) -> tuple[int, dict[str, Any]]:
        """A call of the shop's own server; what differs from a good one is named."""
        raw = json.dumps(body).encode()
        stamp = str(int(self.premises.house.clock.now().timestamp() - age_s))
        key = self.plugin.kept["secret"] if secret is None else secret
        made = hmac.new(key.encode(), stamp.encode() + b"." + raw, hashlib.sha256).digest()
        headers = {
            "X-Doorstep-Site": self.plugin.kept["site"] if site is None else site,
            "X-Doorstep-Timestamp": stamp,
            "X-Doorstep-Signature": base64.b64encode(made).decode(),
        }
        status, text = await self.premises.post(f"/woocommerce/{call}", sent or raw, headers)
        answer: dict[str, Any] = json.loads(text)
        return status, answer

    async def call(self, call: str, body: bytes, *, key: str | None = None) -> tuple[int, dict[str, Any]]:
        """A call with the publishable key."""
        headers = {
            "authorization": f"Bearer {key or self.plugin.kept['key']}",
            "x-doorstep-site": self.plugin.kept["site"],
        }
        status, text = await self.premises.post(f"/checkout/woocommerce/{call}", body, headers)
        answer: dict[str, Any] = json.loads(text)
        return status, answer


def callback_of(link: str) -> str:
    """The path that the shop posts its key to."""
    return urlsplit(parse_qs(urlsplit(link).query)["callback_url"][0]).path


def nonce_of(link: str) -> str:
    """What comes back with the key."""
    return parse_qs(urlsplit(link).query)["user_id"][0]
