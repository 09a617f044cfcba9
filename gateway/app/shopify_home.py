"""What the app's page in a shop's admin says beside how the shop stands: what its merchant places where."""

from __future__ import annotations

from html import escape

from gateway.bootstrap.installs import AppHome

BLOCK = "tracking"
"""Name of the block's file in the theme app extension, without its ending."""


def next_steps(home: AppHome) -> str:
    """HTML, with links that open beside the admin's frame; "" until the shop is linked.

    Parameters
    ----------
    home
        Its shop is checked to be a permanent domain.
    """
    if home.store is None or not home.client_id:
        return ""
    admin = f"https://{home.shop}/admin"
    shipping = _link(f"{admin}/settings/shipping", "Settings > Shipping and delivery")
    block = f"addAppBlockId={escape(home.client_id)}/{BLOCK}&target=newAppsSection"
    theme = _link(f"{admin}/themes/current/editor?template=page&{block}", "Add it to a page of the theme")
    checkout = _link(f"{admin}/settings/checkout", "Settings > Checkout")
    return (
        "<h2>At the checkout</h2>"
        f"<p>Shoppers see delivery options in the zones that have <em>Doorstep</em>: {shipping}, choose a "
        "profile and a zone, then <em>Add rate</em> and <em>Use carrier or app to calculate rates</em>.</p>"
        "<p>Set <em>backup rates</em> on the same page: Shopify shows them in moments when nobody can say a "
        "price.</p>"
        "<h2>Tracking</h2>"
        f"<p>The block <em>Delivery tracking</em> shows shoppers their order live. {theme}.</p>"
        f"<p><em>Doorstep tracking</em> goes onto the thank-you and order status pages: {checkout}, "
        "<em>Customize</em>, then add it to both.</p>"
    )


def _link(url: str, text: str) -> str:
    return f'<a href="{escape(url)}" target="_top">{escape(text)}</a>'
