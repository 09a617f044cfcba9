"""Settings: one frozen object, read once from the environment. docs/settings.md lists them all."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

from doorstep.errors import InvalidInput
from doorstep.secret import Secret


def _setting(name: str, help_: str) -> dict[str, str]:
    return {"name": name, "help": help_}


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator may decide. Every field names its environment variable and says what it does."""

    database_url: Secret = field(
        default=Secret(""),
        metadata=_setting(
            "DATABASE_URL", "PostgreSQL that the gateway works on; empty runs the embedded one."
        ),
    )
    database_owner_url: Secret = field(
        default=Secret(""),
        metadata=_setting(
            "DATABASE_OWNER_URL", "Login that owns the schema and migrates it; DATABASE_URL if empty."
        ),
    )
    redis_url: Secret = field(
        default=Secret(""),
        metadata=_setting(
            "REDIS_URL", "Joins several gateway processes for live updates; empty keeps them in one."
        ),
    )
    home: Path = field(
        default=Path(),
        metadata=_setting(
            "DOORSTEP_HOME", "Folder of the embedded database, built roads and generated keys."
        ),
    )
    secret_keys: tuple[Secret, ...] = field(
        default=(),
        metadata=_setting(
            "DOORSTEP_SECRET_KEYS",
            "Keys that seal credentials and sign tracking tokens, newest first, separated by commas; "
            "empty generates one in DOORSTEP_HOME.",
        ),
    )
    host: str = field(
        default="127.0.0.1", metadata=_setting("DOORSTEP_HOST", "Address that `serve` listens on.")
    )
    port: int = field(
        default=8000, metadata=_setting("DOORSTEP_PORT", "Port that `serve` listens on; 0 takes a free one.")
    )
    public_url: str = field(
        default="",
        metadata=_setting(
            "DOORSTEP_PUBLIC_URL",
            "How stores, carriers and shoppers reach this gateway; http://HOST:PORT if empty.",
        ),
    )
    roads: Path | None = field(
        default=None,
        metadata=_setting(
            "DOORSTEP_ROADS", "Roads built by `doorstep roads build`; without them times are estimates."
        ),
    )
    geocoder_url: str = field(
        default="",
        metadata=_setting(
            "DOORSTEP_GEOCODER_URL", "Nominatim-compatible search that places addresses on the map."
        ),
    )
    allow_private_stores: bool = field(
        default=False,
        metadata=_setting(
            "DOORSTEP_ALLOW_PRIVATE_STORES",
            "Let merchants link stores at private or loopback addresses (self-hosting).",
        ),
    )
    shopify_client_id: str = field(
        default="",
        metadata=_setting(
            "DOORSTEP_SHOPIFY_CLIENT_ID",
            "Client id of your Shopify app; empty where shops are linked by hand only.",
        ),
    )
    shopify_client_secret: Secret = field(
        default=Secret(""),
        metadata=_setting(
            "DOORSTEP_SHOPIFY_CLIENT_SECRET",
            "The app's client secret: opens its page, renews access and verifies its webhooks.",
        ),
    )
    shopify_client_secret_previous: Secret = field(
        default=Secret(""),
        metadata=_setting(
            "DOORSTEP_SHOPIFY_CLIENT_SECRET_PREVIOUS",
            "The one before, while you rotate it; what it signed is still believed.",
        ),
    )
    shopify_claimed_only: bool = field(
        default=False,
        metadata=_setting(
            "DOORSTEP_SHOPIFY_CLAIMED_ONLY",
            "Take only shops that were announced with `doorstep store add shopify --install`; "
            "otherwise a shop that installs the app becomes a merchant of its own.",
        ),
    )
    shopify_endpoint: str = field(
        default="",
        metadata=_setting(
            "DOORSTEP_SHOPIFY_ENDPOINT",
            "Another address than Shopify's own for everything that the app calls; for tests.",
        ),
    )
    woocommerce_claimed_only: bool = field(
        default=False,
        metadata=_setting(
            "DOORSTEP_WOOCOMMERCE_CLAIMED_ONLY",
            "Take only WooCommerce shops that are linked already, or were announced with "
            "`doorstep store add woocommerce --authorize`; otherwise a shop whose plugin connects becomes a "
            "merchant of its own.",
        ),
    )
    operator_channels: Secret = field(
        default=Secret(""),
        metadata=_setting(
            "DOORSTEP_OPERATOR_CHANNELS",
            "Apprise addresses of your own that incidents are told on, separated by spaces; CRITICAL=… "
            "before one tells it of nothing less (HIGH where absent).",
        ),
    )
    introspection: bool = field(
        default=True, metadata=_setting("DOORSTEP_INTROSPECTION", "Answer GraphQL introspection queries.")
    )
    graphiql: bool = field(
        default=True, metadata=_setting("DOORSTEP_GRAPHIQL", "Show a query page at /graphql.")
    )
    quote_budget_s: float = field(
        default=2.0,
        metadata=_setting("DOORSTEP_QUOTE_BUDGET_S", "Seconds that carriers have to answer a quote."),
    )
    booking_budget_s: float = field(
        default=15.0, metadata=_setting("DOORSTEP_BOOKING_BUDGET_S", "Seconds that one booking may take.")
    )
    sync_every_s: int = field(
        default=300,
        metadata=_setting("DOORSTEP_SYNC_EVERY_S", "Seconds between two walks through each store."),
    )
    clock_file: Path | None = field(
        default=None,
        metadata=_setting(
            "DOORSTEP_CLOCK_FILE", "Clock of a simulated world to live in; never set it in production."
        ),
    )
    log_format: str = field(
        default="console",
        metadata=_setting("DOORSTEP_LOG_FORMAT", "`console` for people, `json` for machines."),
    )
    log_level: str = field(
        default="INFO", metadata=_setting("DOORSTEP_LOG_LEVEL", "DEBUG, INFO, WARNING or ERROR.")
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the environment.

        Raises
        ------
        InvalidInput
            If a value cannot be read; names the variable.
        """
        given = os.environ if environment is None else environment
        values: dict[str, object] = {"home": _default_home(given)}
        for setting in fields(cls):
            text = given.get(setting.metadata["name"], "").strip()
            if text:
                values[setting.name] = _read(setting.metadata["name"], setting.name, text)
        settings = cls(**values)  # type: ignore[arg-type] # the types are those that _read made
        if bool(settings.shopify_client_id) != bool(settings.shopify_client_secret):
            missing = "ID" if settings.shopify_client_secret else "SECRET"
            variable = f"DOORSTEP_SHOPIFY_CLIENT_{missing}"
            raise InvalidInput(
                f"{variable} is missing: a Shopify app has a client id and a client secret, both shown "
                "in its settings in the Dev Dashboard.",
                path=(variable,),
            )
        return settings

    @property
    def base_url(self) -> str:
        """Where this gateway is reached, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


_FLAGS = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}
_SECRETS = {
    "database_url",
    "database_owner_url",
    "redis_url",
    "shopify_client_secret",
    "shopify_client_secret_previous",
    "operator_channels",
}
_PATHS = {"home", "roads", "clock_file"}
_FLAG_FIELDS = {
    "allow_private_stores",
    "shopify_claimed_only",
    "woocommerce_claimed_only",
    "introspection",
    "graphiql",
}
_WHOLE = {"port", "sync_every_s"}
_SPANS = {"quote_budget_s", "booking_budget_s"}
_WORDS = {"log_format": ("console", "json"), "log_level": ("DEBUG", "INFO", "WARNING", "ERROR")}
_LAST_PORT = 65_535


def _read(variable: str, name: str, text: str) -> object:
    if name in _SECRETS:
        return Secret(text)
    if name == "secret_keys":
        return tuple(Secret(part.strip()) for part in text.split(",") if part.strip())
    if name in _PATHS:
        return Path(text).expanduser()
    if name in _FLAG_FIELDS:
        if text.lower() not in _FLAGS:
            raise InvalidInput(f"{variable} must be true or false, not {text!r}.", path=(variable,))
        return _FLAGS[text.lower()]
    if name in _WHOLE | _SPANS:
        return _number(variable, name, text)
    return _word(variable, text, _WORDS[name]) if name in _WORDS else text


def _word(variable: str, text: str, words: Sequence[str]) -> str:
    for word in words:
        if text.lower() == word.lower():
            return word
    raise InvalidInput(f"{variable} must be one of {', '.join(words)}, not {text!r}.", path=(variable,))


def _number(variable: str, name: str, text: str) -> float:
    try:
        value = int(text) if name in _WHOLE else float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        kind = "whole number" if name in _WHOLE else "number"
        raise InvalidInput(f"{variable} must be a {kind}, not {text!r}.", path=(variable,))
    if name == "port":
        if not 0 <= value <= _LAST_PORT:
            raise InvalidInput(f"{variable} must lie in 0 to {_LAST_PORT}, not {text}.", path=(variable,))
    elif value <= 0:
        raise InvalidInput(f"{variable} must be more than 0 seconds, not {text}.", path=(variable,))
    return value


def _default_home(environment: Mapping[str, str]) -> Path:
    if os.geteuid() == 0:
        # PostgreSQL refuses root and runs as another account, which cannot enter root's home.
        return Path("/var/lib/doorstep")
    data = environment.get("XDG_DATA_HOME", "")
    return (Path(data) if data else Path.home() / ".local" / "share") / "doorstep"
