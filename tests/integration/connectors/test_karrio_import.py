"""What importing karrio does to a process, and that none of it gets through."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integration.connectors.karrio_rig import CASES

ROOT = Path(__file__).parents[3]


def run(*arguments: str) -> tuple[dict[str, Any], str]:
    """What the audit tells, and what was written to the standard error stream."""
    command = [sys.executable, "-m", "tests.integration.connectors.karrio_audit", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return told, done.stderr


@pytest.fixture(scope="module")
def audit() -> tuple[dict[str, Any], str]:
    """One run for all."""
    return run()


def test_karrio_by_itself_makes_the_process_believe_any_certificate() -> None:
    """The reason for it all; should this ever fail, the guard has become needless."""
    told, _ = run("--bare")

    assert (told["believed_before"], told["believed_after"]) == (False, True)


def test_certificates_are_verified_after_our_import_as_before(audit: tuple[dict[str, Any], str]) -> None:
    told, _ = audit

    assert (told["believed_before"], told["believed_after"]) == (False, False)


def test_there_is_no_moment_without_verification(audit: tuple[dict[str, Any], str]) -> None:
    assert audit[0]["seen_while_importing"] == [True]


def test_the_first_access_to_karrios_gateway_changes_nothing_about_that(
    audit: tuple[dict[str, Any], str],
) -> None:
    assert audit[0]["believed_after_gateway"] is False


def test_the_gateway_that_imports_every_plug_in_is_never_loaded(audit: tuple[dict[str, Any], str]) -> None:
    assert audit[0]["gateways"] == []


def test_pictures_that_were_cut_off_stay_errors(audit: tuple[dict[str, Any], str]) -> None:
    assert audit[0]["torn_pictures"] is False


def test_karrio_calls_nobody_while_we_quote_buy_follow_and_void(audit: tuple[dict[str, Any], str]) -> None:
    told, _ = audit

    assert told["opened_by_us"] == []
    assert told["done"] == {case.plugin.carrier: ["DELIVERED", "CANCELLED"] for case in CASES}


def test_a_parser_that_wants_to_call_the_carrier_gets_nowhere(audit: tuple[dict[str, Any], str]) -> None:
    """FedEx's, for a proof of delivery: it is not used, and would find no address."""
    assert audit[0]["opened_by_karrio"] == ["offline:/track/v1/trackingdocuments"]


def test_nothing_is_written_to_the_standard_error_stream(audit: tuple[dict[str, Any], str]) -> None:
    """karrio's logger writes tracebacks there, and the reader of its models what it does not know."""
    assert audit[1] == ""
