"""What an operator types about webhooks, messages and their own channels."""

from __future__ import annotations

from doorstep.ids import prefix_of
from tests.integration.processes.commands import Shell

PRIVATE = {"DOORSTEP_ALLOW_PRIVATE_STORES": "true"}
NOBODY = "http://127.0.0.1:9/hook"


async def test_an_endpoint_is_added_tried_given_a_new_secret_and_put_away(shell: Shell) -> None:
    await shell.says("merchant", "create", "Corner shop")
    refused = await shell("webhook", "add", "ERP", "http://10.0.0.1/", DOORSTEP_ALLOW_PRIVATE_STORES="false")
    assert (refused.code, "https://" in refused.err) == (1, True)
    added = await shell("webhook", "add", "ERP", NOBODY, "--topic", "ORDER_RECEIVED", **PRIVATE)
    endpoint_id, secret = added.out.split()
    assert (prefix_of(endpoint_id), secret[:6]) == ("whe", "whsec_")
    assert (await shell.says("webhook", "list")).endswith(f"ERP  {NOBODY}  on")
    tried = await shell("webhook", "test", endpoint_id, **PRIVATE)
    assert tried.out.split()[1] == "WAITING", "it is tried again"
    log = await shell.says("webhook", "log", endpoint_id)
    assert "The call did not get through" in log
    rotated = await shell("webhook", "rotate", endpoint_id)
    assert rotated.out.startswith("whsec_")
    assert secret not in rotated.out
    message_id = tried.out.split()[0]
    assert await shell.says("webhook", "replay", endpoint_id, message_id) == "1 calls are made again."
    assert (await shell("webhook", "archive", endpoint_id)).code == 0
    assert (await shell("webhook", "list")).out == ""


async def test_accounts_for_messages_are_linked_listed_and_switched_off(shell: Shell) -> None:
    await shell.says("merchant", "create", "Corner shop")
    assert "smtp  E-mail" in await shell.says("messages", "kinds")
    lacking = await shell("messages", "add", "twilio", "--credential", "account_sid=AC1")
    assert (lacking.code, "auth_token is missing" in lacking.err) == (1, True)
    pairs = ("--credential", "account_sid=AC1", "--credential", "auth_token=t", "--credential", "from_sms=+1")
    added = await shell("messages", "add", "twilio", *pairs)
    account_id = added.out.strip()
    assert prefix_of(account_id) == "nac"
    assert f"/webhooks/messages/{account_id}" in added.err
    assert (await shell.says("messages", "list")).endswith("Twilio  SMS  on")
    assert (await shell("messages", "switch", account_id, "off")).code == 0
    assert (await shell.says("messages", "list")).endswith("Twilio  SMS  off")
    for words in (("stop", "+15005550010"), ("allow", "+15005550010", "--source", "a form")):
        assert (await shell("messages", *words, "--channel", "SMS")).code == 0


async def test_operators_see_their_channels_without_secrets(shell: Shell) -> None:
    channels = {"DOORSTEP_OPERATOR_CHANNELS": "CRITICAL=json://token-of-ours@127.0.0.1:9 mailto://u:p@h"}
    shown = await shell("operators", "list", **channels)
    assert shown.out.splitlines() == ["json://…  from CRITICAL on", "mailto://…  from HIGH on"]
    tried = await shell("operators", "test", DOORSTEP_OPERATOR_CHANNELS="json://token-of-ours@127.0.0.1:9")
    assert (tried.code, tried.out) == (1, "FAIL  json://…\n")
    assert "token-of-ours" not in tried.out + tried.err
