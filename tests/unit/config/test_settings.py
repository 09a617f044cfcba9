"""Settings: read once, every wrong value names its variable, secrets never print."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from doorstep.errors import InvalidInput
from doorstep.secret import Secret
from gateway.config import Settings


def test_nothing_need_be_set() -> None:
    settings = Settings.from_environment({})
    assert settings.base_url == "http://127.0.0.1:8000"
    assert (settings.quote_budget_s, settings.roads, settings.secret_keys) == (2.0, None, ())
    assert settings.home.is_absolute()


def test_every_setting_is_read_from_its_own_variable() -> None:
    given = {
        "DATABASE_URL": "postgresql://u:p@db/doorstep",
        "DATABASE_OWNER_URL": "postgresql://o:p@db/doorstep",
        "REDIS_URL": "redis://cache",
        "DOORSTEP_HOME": "/srv/doorstep",
        "DOORSTEP_SECRET_KEYS": "new-key, old-key ,",
        "DOORSTEP_HOST": "0.0.0.0",  # noqa: S104 - a value to be read, nobody listens
        "DOORSTEP_PORT": "0",
        "DOORSTEP_PUBLIC_URL": "https://doorstep.example/",
        "DOORSTEP_ROADS": "/srv/roads",
        "DOORSTEP_GEOCODER_URL": "https://geo.example",
        "DOORSTEP_ALLOW_PRIVATE_STORES": "Yes",
        "DOORSTEP_SHOPIFY_CLIENT_ID": "the-client-id-of-an-app",
        "DOORSTEP_SHOPIFY_CLIENT_SECRET": "the-client-secret-of-an-app",
        "DOORSTEP_SHOPIFY_CLIENT_SECRET_PREVIOUS": "the-client-secret-before",
        "DOORSTEP_SHOPIFY_CLAIMED_ONLY": "on",
        "DOORSTEP_SHOPIFY_ENDPOINT": "http://127.0.0.1:8081/shopify",
        "DOORSTEP_WOOCOMMERCE_CLAIMED_ONLY": "yes",
        "DOORSTEP_OPERATOR_CHANNELS": "CRITICAL=json://desk mailto://desk",
        "DOORSTEP_INTROSPECTION": "off",
        "DOORSTEP_GRAPHIQL": "0",
        "DOORSTEP_QUOTE_BUDGET_S": "1.5",
        "DOORSTEP_BOOKING_BUDGET_S": "30",
        "DOORSTEP_SYNC_EVERY_S": " 60 ",
        "DOORSTEP_CLOCK_FILE": "/srv/clock",
        "DOORSTEP_LOG_FORMAT": "json",
        "DOORSTEP_LOG_LEVEL": "debug",
    }
    assert set(given) == {setting.metadata["name"] for setting in fields(Settings)}
    assert Settings.from_environment(given) == Settings(
        database_url=Secret("postgresql://u:p@db/doorstep"),
        database_owner_url=Secret("postgresql://o:p@db/doorstep"),
        redis_url=Secret("redis://cache"),
        home=Path("/srv/doorstep"),
        secret_keys=(Secret("new-key"), Secret("old-key")),
        host="0.0.0.0",  # noqa: S104 - likewise
        port=0,
        public_url="https://doorstep.example/",
        roads=Path("/srv/roads"),
        geocoder_url="https://geo.example",
        allow_private_stores=True,
        shopify_client_id="the-client-id-of-an-app",
        shopify_client_secret=Secret("the-client-secret-of-an-app"),
        shopify_client_secret_previous=Secret("the-client-secret-before"),
        shopify_claimed_only=True,
        shopify_endpoint="http://127.0.0.1:8081/shopify",
        woocommerce_claimed_only=True,
        operator_channels=Secret("CRITICAL=json://desk mailto://desk"),
        introspection=False,
        graphiql=False,
        quote_budget_s=1.5,
        booking_budget_s=30.0,
        sync_every_s=60,
        clock_file=Path("/srv/clock"),
        log_format="json",
        log_level="DEBUG",
    )


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DOORSTEP_PORT", "eighty"),
        ("DOORSTEP_PORT", "80.5"),
        ("DOORSTEP_PORT", "-1"),
        ("DOORSTEP_PORT", "65536"),
        ("DOORSTEP_SYNC_EVERY_S", "often"),
        ("DOORSTEP_SYNC_EVERY_S", "-5"),
        ("DOORSTEP_SYNC_EVERY_S", "0"),
        ("DOORSTEP_QUOTE_BUDGET_S", "2 s"),
        ("DOORSTEP_QUOTE_BUDGET_S", "-2"),
        ("DOORSTEP_QUOTE_BUDGET_S", "nan"),
        ("DOORSTEP_QUOTE_BUDGET_S", "inf"),
        ("DOORSTEP_QUOTE_BUDGET_S", "0"),
        ("DOORSTEP_BOOKING_BUDGET_S", "long"),
        ("DOORSTEP_INTROSPECTION", "maybe"),
        ("DOORSTEP_GRAPHIQL", "2"),
        ("DOORSTEP_ALLOW_PRIVATE_STORES", "y"),
        ("DOORSTEP_LOG_FORMAT", "xml"),
        ("DOORSTEP_LOG_LEVEL", "LOUD"),
    ],
)
def test_a_wrong_value_names_its_variable(variable: str, value: str) -> None:
    with pytest.raises(InvalidInput, match=variable) as refusal:
        Settings.from_environment({variable: value})
    assert refusal.value.path == (variable,)


def test_an_empty_value_is_the_default() -> None:
    empty = {setting.metadata["name"]: "  " for setting in fields(Settings)}
    assert Settings.from_environment(empty) == Settings.from_environment({})


def test_a_public_address_loses_its_last_slash() -> None:
    settings = Settings.from_environment({"DOORSTEP_PUBLIC_URL": "https://doorstep.example/"})
    assert settings.base_url == "https://doorstep.example"


def test_settings_do_not_print_their_secrets() -> None:
    canary = "postgresql://user:canary-7c1@db/doorstep"
    settings = Settings.from_environment({"DATABASE_URL": canary, "DOORSTEP_SECRET_KEYS": "canary-7c2"})
    assert "canary" not in f"{settings} {settings!r}"
    assert settings.database_url.reveal() == canary


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings.from_environment({}).port = 1  # type: ignore[misc] # that is what is refused


def test_every_setting_says_what_it_does() -> None:
    for setting in fields(Settings):
        assert setting.metadata["help"].endswith(".")
