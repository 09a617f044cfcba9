"""WooCommerce stores, versions 8.0 to 10.5, through REST v3."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from connectors.stores.woocommerce.client import WooCommerceClient
from connectors.stores.woocommerce.connector import WooCommerceConnector
from connectors.stores.woocommerce.store_api import StoreApi
from connectors.stores.woocommerce.webhook import WooCommerceWebhookReader
from doorstep.errors import InvalidInput
from doorstep.order import StorePlatform
from doorstep.ports import CredentialField, StoreLink, StorePlugin
from doorstep.secret import Secret

_PASTED_TAILS = ("/wp-admin", "/wp-json", "/wp-login.php", "/index.php")
_WHERE = "WooCommerce > Settings > Advanced > REST API"


def connect(link: StoreLink) -> WooCommerceConnector:
    """Link a store, as `open_api`. No input or output."""
    return WooCommerceConnector(open_api(link), link.clock)


def open_api(link: StoreLink) -> StoreApi:
    """What speaks with a store. No input or output.

    Parameters
    ----------
    link
        Address of the shop, with its path if it lives under one, http or https; and consumer_key and
        consumer_secret of a Read/Write key.

    Raises
    ------
    InvalidInput
        If the address or a credential is missing or wrong; `path` names it.
    """
    address = store_url(link.url)
    key = _credential(link.credentials, "consumer_key", "ck_")
    secret = _credential(link.credentials, "consumer_secret", "cs_")
    client = WooCommerceClient(address, key, secret, ca_file=link.ca_file)
    # Signatures and the Date header live by the machines' time, whatever the link's clock shows.
    return StoreApi(client)


def store_url(url: str) -> str:
    """The address under which the shop's interface lies, from what a merchant pasted.

    Raises
    ------
    InvalidInput
        If it is no http or https address, or holds a user name.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise InvalidInput("The store's address cannot be read.", path=("url",)) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidInput("The store's address must look like https://shop.example/blog.", path=("url",))
    if parts.username is not None or parts.password is not None:
        raise InvalidInput("Leave the user name out of the store's address.", path=("url",))
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    path = parts.path
    for tail in _PASTED_TAILS:
        path = path.partition(tail)[0]
    return f"{parts.scheme}://{host}{'' if port is None else f':{port}'}{path.rstrip('/')}"


def _credential(credentials: Mapping[str, Secret], name: str, prefix: str) -> Secret:
    given = credentials.get(name, Secret("")).reveal().strip()
    if not given:
        raise InvalidInput(f"{name} is missing; make a key under {_WHERE}.", path=("credentials", name))
    if not given.startswith(prefix):
        raise InvalidInput(
            f"{name} must begin with {prefix}; consumer key and secret may have changed places.",
            path=("credentials", name),
        )
    return Secret(given)


CONNECTOR = StorePlugin(
    platform=StorePlatform.WOOCOMMERCE,
    name="WooCommerce",
    credentials=(
        CredentialField("consumer_key", "Consumer key", is_secret=True, help=f"Begins with ck_; {_WHERE}."),
        CredentialField(
            "consumer_secret",
            "Consumer secret",
            is_secret=True,
            help="Begins with cs_; shown once.",
        ),
        CredentialField(
            "webhook_secret", "Webhook secret", is_secret=True, help="Signs what the store posts to us."
        ),
    ),
    connect=connect,
    webhooks=WooCommerceWebhookReader(),
)
"""What the gateway finds under the entry point `doorstep.stores`."""
