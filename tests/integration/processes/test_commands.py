"""What an operator types, and what comes back."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import psycopg
import pytest

from doorstep.ids import prefix_of
from gateway.cli import main
from tests.conftest import Dsn
from tests.integration.app.market import SHOPIFY_TOKEN, Market
from tests.integration.processes.commands import Doorstep, Shell

# WordPress posts to its own host on any address, and to others on few ports.
PUBLIC_URL = "http://127.0.0.1:8080"
TILL = (
    "--name", "Till", "--address", "55 Water Street, New York, NY 10041, US", "--at", "40.7306,-73.9866",
    "--phone", "+12127363100", "--time-zone", "America/New_York",
)  # fmt: skip


def paths(path: tuple[str, ...], command: click.Command) -> Iterator[tuple[str, ...]]:
    """The command and all below it."""
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from paths((*path, name), inner)


def store_options(market: Market, platform: str = "woocommerce") -> list[str]:
    """How the market's shop is named on the command line."""
    url, credentials = market.store_credentials(platform)
    names = {
        "consumer_key": "--key", "consumer_secret": "--secret", "webhook_secret": "--webhook-secret",
        "access_token": "--token", "client_secret": "--secret", "api_endpoint": "--api-endpoint",
    }  # fmt: skip
    pairs = [part for name, value in credentials.items() for part in (names[name], value)]
    return [platform, "--url", url, *pairs]


async def test_a_store_is_linked_examined_read_and_mended_from_the_command_line(
    shell: Shell, market: Market, dsn: Dsn
) -> None:
    # Given a merchant with a place
    made = await shell.says("merchant", "create", "Corner shop", "--time-zone", "America/New_York")
    assert prefix_of(made) == "mer"
    assert await shell.says("merchant", "list") == f"{made}  Corner shop  USD  America/New_York"
    assert prefix_of(await shell.says("merchant", "location", *TILL)) == "loc"

    # When its store is linked, then the doctor finds nothing wrong
    linked = await shell("store", "add", *store_options(market), DOORSTEP_PUBLIC_URL=PUBLIC_URL)
    store_id = linked.out.strip()
    assert (linked.code, prefix_of(store_id)) == (0, "sto")
    assert "The store answers and takes the key." in linked.err
    assert len(market.woocommerce.hooks.webhooks) == 4
    well = await shell("doctor", DOORSTEP_PUBLIC_URL=PUBLIC_URL)
    assert (well.code, "!!" in well.out) == (0, False), well.out

    # When its key is no longer good, then the doctor says so in a sentence and fails
    good_secret, market.woocommerce.keys.consumer_secret = market.woocommerce.keys.consumer_secret, "cs_other"
    ill = await shell("doctor", "--store", store_id)
    market.woocommerce.keys.consumer_secret = good_secret
    assert ill.code == 1
    (complaint,) = [line for line in ill.out.splitlines() if "!!" in line]
    assert re.search(r"secret.*wrong|key.*not|signature", complaint), complaint
    assert ill.err.startswith("Error: 1 thing to mend")

    # When orders are read, one of which cannot be, then they are counted and that one waits
    orders = [market.order_at("woocommerce") for _ in range(3)]
    market.forgeries["woocommerce"].edits[orders[0]] = lambda order: order.update(currency="ZZZ")
    counted = await shell("sync")
    assert counted.out.strip() == "new: 2  updated: 0  unchanged: 0  quarantined: 1"
    assert "3/3" in counted.err, "progress is shown where it does not get in the way of the counts"
    assert (await shell.says("sync", "--full")).startswith("new: 0  updated: 0  unchanged: 2")
    (waiting,) = (await shell.says("quarantine", "list")).splitlines()
    message_id, external_id, path, reason = waiting.split(maxsplit=3)
    assert (external_id, path) == (orders[0], "currency")
    assert "currency" in reason

    # When it is read again before and after it was mended
    still = await shell("quarantine", "replay", message_id)
    assert (still.code, still.err) == (1, "Error: 1 of 1 still cannot be read.\n")
    market.forgeries["woocommerce"].edits.clear()
    kept = await shell.says("quarantine", "replay", message_id)
    assert re.fullmatch(rf"{message_id}  kept as ord_\w+", kept)
    nothing = await shell("quarantine", "list")
    assert (nothing.out, nothing.err) == ("", "Nothing waits.\n")

    # When a job was given up, then it is listed and can be started again
    assert (await shell("jobs", "dead")).err == "No dead letters.\n"
    async with await psycopg.AsyncConnection.connect(dsn.owner) as connection:
        await connection.execute(
            "UPDATE procrastinate_jobs SET status = 'failed' WHERE id ="
            " (SELECT min(id) FROM procrastinate_jobs WHERE args ->> 'event' = 'OrderReceived')"
        )
    dead = await shell.says("jobs", "dead")
    job_id, *words = dead.split()
    assert words[:3] == ["OrderReceived", "->", "source_order"]
    assert await shell.says("jobs", "retry", job_id) == f"{job_id}  queued"
    assert (await shell("jobs", "retry", job_id)).err == f"Error: No dead letter has the number {job_id}.\n"

    # And when the store is down, the walk says so and fails
    market.woocommerce.door.has_plugin = False
    down = await shell("sync")
    assert (down.code, down.out) == (1, "")
    assert down.err.splitlines()[-1] == "Error: 1 of 1 could not be read to the end."


async def test_a_key_of_each_kind_is_made_once_and_for_what_was_asked(shell: Shell) -> None:
    await shell.says("merchant", "create", "Corner shop")
    assert (await shell.says("token", "key")).startswith("sk_live_")
    assert (await shell.says("token", "key", "--scope", "OPERATE")).startswith("sk_live_")
    shop = "https://shop.example"
    assert (await shell.says("token", "key", "--publishable", "--origin", shop)).startswith("pk_live_")
    for words, complaint in [
        (("--publishable", "--origin", f"{shop}/"), "an origin is a scheme and a host"),
        (("--publishable", "--scope", "READ"), "A publishable key takes no scopes"),
        (("--scope", "EVERYTHING"), "Invalid value for '--scope'"),
    ]:
        said = await shell("token", "key", *words)
        assert said.code != 0
        assert complaint in said.err


async def test_a_store_says_itself_where_its_orders_leave_from(shell: Shell, market: Market) -> None:
    await shell.says("merchant", "create", "Corner shop")
    said = await shell("store", "add", *store_options(market, "shopify"))
    assert said.code == 0, said.err
    assert said.out.startswith("sto_")


async def test_a_mistake_is_answered_with_one_sentence_that_names_it(
    shell: Shell, market: Market, tmp_path_factory: pytest.TempPathFactory
) -> None:
    await _refuses(shell, "There is no merchant yet; make one with `doorstep merchant create`.", "sync")
    corner = await shell.says("merchant", "create", "Corner shop")
    options = store_options(market, "shopify")
    silent = ("woocommerce", "--url", "http://127.0.0.1:9", "--key", "ck_0", "--secret", "cs_0")
    await _refuses(shell, "There is no location yet", "store", "add", *silent)
    location = await shell.says("merchant", "location", *TILL)
    await _refuses(shell, "No store is linked yet.", "sync")
    await _refuses(shell, "There is no store sto_nobody.", "sync", "--store", "sto_nobody")
    await _refuses(shell, "There is no store sto_nobody.", "doctor", "--store", "sto_nobody")
    await _refuses(shell, "There is no del_nobody here.", "token", "tracking", "del_nobody")
    await _refuses(
        shell, "'Mars/Olympus' is no IANA time zone", "merchant", "create", "X", "--time-zone", "Mars/Olympus"
    )
    await _refuses(shell, "DOUBLOON", "merchant", "create", "X", "--currency", "DOUBLOON")
    await _refuses(
        shell, "--at takes latitude,longitude", "merchant", "location", *TILL[:4], "--at", "north of here"
    )
    add_driver = ("driver", "add", "Dana", "--depot")
    await _refuses(shell, location, *add_driver, "loc_nowhere")
    await _refuses(shell, "A time of day looks like 09:00", *add_driver, location, "--shift", "nine-five")
    await _refuses(shell, "A shift ends after it began", *add_driver, location, "--shift", "18:00-09:00")
    await _refuses(shell, "known are own_fleet", "carrier", "add", "pigeon_post")
    await _refuses(shell, "name=value", "carrier", "add", "easypost", "--credential", "hush")
    broken = tmp_path_factory.mktemp("settings") / "fleet.json"
    broken.write_text("{")
    await _refuses(
        shell, "must hold one JSON object", "carrier", "add", "own_fleet", "--settings", str(broken)
    )

    # A store is refused before anything of it is kept, so that it can be linked once it is right.
    private = {"DOORSTEP_ALLOW_PRIVATE_STORES": "false"}
    await _refuses(shell, "leads to a private or reserved", "store", "add", *options, **private)
    await _refuses(
        shell, "must begin with ck_", "store", "add", "woocommerce", "--url", market.url, "--key", "hush"
    )
    assert (await shell("store", "add", *options)).code == 0
    await _refuses(shell, "corner-shop.myshopify.com is linked already.", "store", "add", *options)

    # One that may no longer be called is a finding, and no end of the doctor's round.
    doctor = await shell("doctor", **private)
    assert (doctor.code, "leads to a private or reserved" in doctor.out) == (1, True)

    # With a second merchant, every command wants to know which.
    other = await shell.says("merchant", "create", "Shop next door")
    said = await _refuses(shell, "Say which merchant with --merchant", "sync")
    assert corner in said
    assert other in said
    await _refuses(shell, "Say which merchant", "token", "key", "--merchant", "Nobody's")
    assert (await shell.says("token", "key", "--merchant", "Shop next door")).startswith("sk_live_")


async def test_settings_that_cannot_work_are_answered_with_one_sentence(shell: Shell) -> None:
    nowhere = "postgresql://operator:a-password@127.0.0.1:1/nowhere"
    for settings, complaint in [
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
        ({"DATABASE_OWNER_URL": nowhere}, "PostgreSQL cannot be used"),
        ({"DATABASE_URL": nowhere, "DATABASE_OWNER_URL": ""}, "DATABASE_URL says where it is"),
        ({"DOORSTEP_CLOCK_FILE": "/nowhere/clock.json"}, "DOORSTEP_CLOCK_FILE names /nowhere/clock.json"),
        ({"DOORSTEP_SECRET_KEYS": "short"}, "fewer than 32 characters"),
        ({"REDIS_URL": "nonsense"}, "REDIS_URL must look like"),
        ({"DOORSTEP_PORT": "http"}, "DOORSTEP_PORT"),
    ]:
        for command in ("serve", "worker") if "DATABASE_URL" in settings else ("worker",):
            said = await _refuses(shell, complaint, command, **settings)
            assert "a-password" not in said
    assert "PostgreSQL cannot be used" in await _refuses(shell, "", "migrate", DATABASE_OWNER_URL=nowhere)
    await _refuses(shell, "Cannot listen on 203.0.113.7", "serve", "--host", "203.0.113.7")


async def test_every_command_explains_itself(shell: Shell) -> None:
    for path in paths((), main):
        said = await shell(*path, "--help")
        assert said.code == 0
        assert said.out.startswith(" ".join(("Usage: doorstep", *path)))


async def test_help_loads_nothing_heavy(doorstep: Doorstep) -> None:
    """A newcomer's first command answers at once."""
    said = await doorstep("--help", PYTHONPROFILEIMPORTTIME="1")
    loaded = {line.rpartition("|")[2].strip() for line in said.err.splitlines()}
    heavy = {"sqlalchemy", "procrastinate", "numpy", "strawberry", "pyvrp", "ortools", "shopify"}
    assert "gateway.cli" in loaded
    assert loaded & heavy == set()


async def _refuses(shell: Shell, complaint: str, *words: str, **settings: str) -> str:
    said = await shell(*words, **settings)
    assert said.code == 1, (words, said)
    # One sentence, on the channel for errors; neither a traceback nor half an answer.
    assert said.out == "" or words[0] == "doctor", (words, said.out)
    (sentence,) = [line for line in said.err.splitlines() if line]
    assert sentence.startswith("Error: "), sentence
    assert complaint in sentence
    assert SHOPIFY_TOKEN not in sentence
    return sentence
