"""What is checked before an account with a carrier is linked."""

from __future__ import annotations

import pytest

from connectors.linking import checked_url, require_credentials
from doorstep.errors import InvalidInput
from doorstep.ports import CredentialField
from doorstep.secret import Secret

FIELDS = (
    CredentialField("client_id", "Client id", False, ""),
    CredentialField("client_secret", "Client secret", True, ""),
    CredentialField("webhook_secret", "Webhook key", True, "", ""),
)


@pytest.mark.parametrize(
    "credentials",
    [{"client_id": Secret("me")}, {"client_id": Secret("me"), "client_secret": Secret("")}],
)
def test_the_first_credential_that_is_missing_or_empty_is_named(credentials: dict[str, Secret]) -> None:
    with pytest.raises(InvalidInput, match=r"^Courier needs the client secret\.$") as refused:
        require_credentials("Courier", FIELDS, credentials)

    assert refused.value.path == ("client_secret",)


def test_a_credential_with_a_default_may_be_missing() -> None:
    require_credentials("Courier", FIELDS, {"client_id": Secret("me"), "client_secret": Secret("hush")})


@pytest.mark.parametrize("name", ["client_secret", "webhook_secret"])
@pytest.mark.parametrize("pasted", ["hush\n", "hu\r\nsh", "\thush", "hush\x00"])
def test_what_was_copied_with_a_line_break_is_named_and_not_repeated(name: str, pasted: str) -> None:
    credentials = {"client_id": Secret("me"), "client_secret": Secret("hush"), name: Secret(pasted)}

    with pytest.raises(InvalidInput, match="holds a line break") as refused:
        require_credentials("Courier", FIELDS, credentials)

    assert refused.value.path == (name,)
    assert "hu" not in refused.value.message


def test_an_abbreviation_stays_one_in_a_sentence() -> None:
    with pytest.raises(InvalidInput, match=r"^Post needs the API key\.$"):
        require_credentials("Post", (CredentialField("api_key", "API key", True, ""),), {})


@pytest.mark.parametrize(
    "url",
    [
        "https://me:hush@api.example",
        "https://me@api.example",
        "https://api.example/v1?key=hush",
        "https://api.example/#hush",
    ],
)
def test_an_address_holds_no_more_than_where_it_is(url: str) -> None:
    with pytest.raises(InvalidInput, match="no more than scheme, host and path") as refused:
        checked_url(url)

    assert "hush" not in refused.value.message


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://[",
        "https://api.example:port",
        "https://api.example:99999",
        "https://",
        "api.example",
        "127.0.0.1:80",
        "http://api.example",
        "ftp://127.0.0.1",
        "http://127.0.0.1.example",
        "http://localhost@api.example",
    ],
)
def test_anything_but_https_stays_on_this_machine(url: str) -> None:
    with pytest.raises(InvalidInput, match=r"^token_url must be https") as refused:
        checked_url(url, "token_url")

    assert refused.value.path == ("token_url",)


@pytest.mark.parametrize(
    ("url", "checked"),
    [
        ("https://api.example/v1/", "https://api.example/v1"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:1/uber/", "http://localhost:1/uber"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_a_safe_address_loses_the_slash_at_its_end(url: str, checked: str) -> None:
    assert checked_url(url) == checked
