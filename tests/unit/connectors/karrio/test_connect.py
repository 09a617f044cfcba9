"""Linking one of the six carriers, without any network and without importing karrio."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from connectors.parcel.karrio import CONNECTORS
from doorstep.errors import InvalidInput
from doorstep.ports import CarrierPlugin
from doorstep.quote import DeliveryMode
from doorstep.secret import Secret

ROOT = Path(__file__).parents[4]

ALL = pytest.mark.parametrize("plugin", CONNECTORS, ids=lambda plugin: plugin.carrier)


def given(plugin: CarrierPlugin, **changes: str) -> dict[str, Secret]:
    plain = {field.name: "x" for field in plugin.credentials if field.default is None}
    return {name: Secret(value) for name, value in {**plain, **changes}.items()}


def test_the_six_have_codes_and_names_of_their_own() -> None:
    assert [plugin.carrier for plugin in CONNECTORS] == [
        "ups",
        "fedex",
        "usps",
        "mydhl",
        "canada_post",
        "purolator",
    ]
    assert {plugin.mode for plugin in CONNECTORS} == {DeliveryMode.PARCEL}


@ALL
def test_passwords_and_keys_do_not_print(plugin: CarrierPlugin) -> None:
    secrets = {field.name for field in plugin.credentials if field.is_secret}

    assert secrets & {"client_secret", "secret_key", "password"}


@ALL
def test_a_missing_credential_is_named(plugin: CarrierPlugin) -> None:
    for field in plugin.credentials:
        if field.default is not None:
            continue
        with pytest.raises(InvalidInput) as refused:
            plugin.connect(given(plugin, **{field.name: ""}), "")
        assert refused.value.path == (field.name,)


@ALL
@pytest.mark.parametrize("url", ["http://carrier.example", "127.0.0.1:80", "http://127.0.0.1.example"])
def test_anything_but_https_stays_on_this_machine(plugin: CarrierPlugin, url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        plugin.connect(given(plugin), url)

    assert refused.value.path == ("base_url",)


@ALL
def test_an_environment_is_production_or_test(plugin: CarrierPlugin) -> None:
    with pytest.raises(InvalidInput) as refused:
        plugin.connect(given(plugin, environment="staging"), "")

    assert refused.value.path == ("environment",)


@ALL
@pytest.mark.parametrize("url", ["", "https://carrier.example/", "http://127.0.0.1:8080/carrier"])
def test_a_good_link_needs_no_network(plugin: CarrierPlugin, url: str) -> None:
    carrier = plugin.connect(given(plugin), url)

    assert (carrier.carrier, carrier.mode) == (plugin.carrier, DeliveryMode.PARCEL)


WITHOUT = """
import importlib.util, sys
find = importlib.util.find_spec
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "karrio":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Hidden())
from connectors.parcel.karrio import CONNECTORS
for plugin in CONNECTORS:
    try:
        plugin.connect({}, "")
    except Exception as error:
        print(type(error).__name__, error.path, error.message)
"""

LINKING = """
import sys
from connectors.parcel.karrio import CONNECTORS
from doorstep.secret import Secret
for plugin in CONNECTORS:
    plugin.connect({field.name: Secret("x") for field in plugin.credentials if field.default is None}, "")
print(sorted(name for name in sys.modules if name.split(".")[0] in {"karrio", "loguru", "lxml"}))
"""


def run(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


def test_without_karrio_a_link_says_how_to_install_it() -> None:
    told = run(WITHOUT).splitlines()

    assert len(told) == len(CONNECTORS)
    assert all(line.startswith("InvalidInput ('carrier',)") for line in told)
    assert all("pip install 'doorstep[parcel]'" in line for line in told)


def test_linking_imports_nothing_of_weight() -> None:
    loaded = run(LINKING).strip()

    assert loaded == "['karrio', 'karrio.mappers']"
