"""The small pages that merchants see while they link a store: plain HTML, without scripts of ours."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from starlette.responses import HTMLResponse

from doorstep.health import HealthCheck
from doorstep.order import LinkStatus
from gateway.app.shopify_home import next_steps
from gateway.bootstrap.installs import AppHome, HomeKind

APP_BRIDGE = "https://cdn.shopify.com/shopifycloud/app-bridge.js"

_STANDING = {
    LinkStatus.CONNECTED: "This shop is connected to Doorstep.",
    LinkStatus.DEGRADED: "This shop is connected to Doorstep, but something needs a hand.",
}


def home_page(home: AppHome, ticket: str) -> HTMLResponse:
    """The app's page in one shop's admin.

    Parameters
    ----------
    ticket
        Goes along with the answer to whose the shop is.
    """
    if home.kind is HomeKind.ASKS:
        asking = escape(home.asking)
        return in_admin(
            home.shop,
            f"<h1>Is this shop {asking}’s?</h1>"
            f"<p><strong>{asking}</strong> asks to link {escape(home.shop)} to their Doorstep account. They "
            "would see its orders with your customers’ names and addresses, and have them delivered.</p>"
            '<form method="post" action="/shopify/claim">'
            f'<input type="hidden" name="ticket" value="{escape(ticket)}">'
            '<p><button name="answer" value="yes">Yes, link it</button> '
            '<button name="answer" value="no">No, I do not know them</button></p></form>',
        )
    if home.kind is HomeKind.NOT_ANNOUNCED or home.store is None:
        return in_admin(
            home.shop,
            "<h1>Not announced yet</h1><p>Whoever runs this Doorstep takes shops that were announced. Give "
            f"them this address, then open the app again: <code>{escape(home.shop)}</code></p>",
        )
    standing = _STANDING.get(home.store.status, "This shop is not connected to Doorstep.")
    found = f"<h1>{escape(home.store.name)}</h1><p>{standing}</p>{_list(home.checks)}"
    return in_admin(home.shop, found + next_steps(home))


def in_admin(shop: str, body: str, status: int = 200) -> HTMLResponse:
    """A page that only the shop's own admin may frame (Shopify documentation, November 2026).

    Parameters
    ----------
    shop
        Checked to be a shop's permanent domain.
    """
    return _page(body, f"frame-ancestors https://{shop} https://admin.shopify.com", status)


def plain(title: str, text: str, status: int = 200) -> HTMLResponse:
    """A page that nobody may frame."""
    return _page(f"<h1>{escape(title)}</h1><p>{escape(text)}</p>", "frame-ancestors 'none'", status)


def lead_on_page(shop: str, link: str) -> HTMLResponse:
    """Says where a link leads, for somebody who does not come from there.

    Parameters
    ----------
    shop
        Address of the shop.
    link
        A page of that shop.
    """
    return _leading_page(
        f"Connect {shop}?",
        "You are led to this shop, where WooCommerce asks you to let Doorstep in. Go on only if it is "
        "yours and you came from its Doorstep settings.",
        "Go on to the shop",
        link,
    )


def lead_back_page(shop: str, link: str) -> HTMLResponse:
    """The way back to a shop's settings, for who does not come from that shop; as `lead_on_page`."""
    text = f"How it went is said in the settings of {shop}. Go on only if this shop is yours."
    return _leading_page("Back to your shop", text, "Go on to the shop", link)


def bounce_page(shop: str, client_id: str) -> HTMLResponse:
    """Lets App Bridge fetch a fresh id token and load what `shopify-reload` in the address names."""
    ancestors = f"frame-ancestors https://{shop} https://admin.shopify.com"
    page = HTMLResponse(f'<script data-api-key="{escape(client_id)}" src="{APP_BRIDGE}"></script>')
    page.headers["Content-Security-Policy"] = f"{ancestors};"
    page.headers["Link"] = f'<{APP_BRIDGE}>; rel="preload"; as="script";'
    return page


def _leading_page(title: str, text: str, leads: str, link: str) -> HTMLResponse:
    way = f'<p><a href="{escape(link)}">{leads}</a></p>'
    return _page(f"<h1>{escape(title)}</h1><p>{escape(text)}</p>{way}", "frame-ancestors 'none'", 200)


def _list(checks: Sequence[HealthCheck]) -> str:
    rows = [f"<li>{'✓' if check.passed else '⚠'} {escape(check.text)}</li>" for check in checks]
    return f"<ul>{''.join(rows)}</ul>" if rows else ""


def _page(body: str, ancestors: str, status: int) -> HTMLResponse:
    page = HTMLResponse(
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<title>Doorstep</title><link rel="stylesheet" href="/static/pages.css">'
        f"<body><main>{body}</main></body></html>",
        status_code=status,
    )
    page.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; {ancestors}"
    )
    page.headers["Referrer-Policy"] = "no-referrer"
    page.headers["Cache-Control"] = "no-store"
    return page
