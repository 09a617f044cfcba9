"""Several processes on one folder: one runs the server, the others use it and stand by."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from gateway.store.postgres import EmbeddedPostgres
from gateway.store.postgres.process import read_postmaster

Kept = Callable[[str], bool]
Until = Callable[..., None]
Opener = Callable[..., Any]


def test_four_processes_that_find_an_empty_folder_at_once_share_one_server(
    empty: Path, open_elsewhere: Opener
) -> None:
    others = [open_elsewhere(empty, wait=False) for _ in range(4)]
    said = [other.hears() for other in others]
    assert sorted(words["supervises"] for words in said) == [False, False, False, True]
    with EmbeddedPostgres(empty, fast=True) as server, psycopg.connect(server.dsn("app")) as connection:
        assert not server.supervises
        assert connection.execute("SELECT current_user").fetchone() == ("doorstep_app",)


def test_an_attached_process_takes_over_from_a_supervisor_that_is_killed(
    prepared: Path, open_elsewhere: Opener, kept: Kept, until: Until
) -> None:
    other = open_elsewhere(prepared)
    with EmbeddedPostgres(prepared, fast=True) as server:
        url = server.dsn("owner")
        assert not server.supervises
        other.kill()
        until(lambda: server.supervises, "this process has taken over")
        until(lambda: kept(url), "the server answers at the same address")


def test_an_attached_process_takes_over_from_a_supervisor_that_ends_in_order(
    prepared: Path, open_elsewhere: Opener, kept: Kept, until: Until
) -> None:
    other = open_elsewhere(prepared)
    third = open_elsewhere(prepared)
    with EmbeddedPostgres(prepared, fast=True) as server:
        other.finish()
        until(lambda: server.supervises or third.asked()["supervises"], "one of the two has taken over")
        until(lambda: kept(server.dsn("owner")), "the server answers")
        assert server.supervises != third.asked()["supervises"]
        third.finish()
        until(lambda: server.supervises and kept(server.dsn("owner")), "the last one runs the server")


def test_an_attached_process_leaves_the_server_as_it_is(
    prepared: Path, open_elsewhere: Opener, kept: Kept
) -> None:
    with EmbeddedPostgres(prepared, fast=True) as server:
        before = read_postmaster(prepared / "data")
        open_elsewhere(prepared).finish()
        open_elsewhere(prepared).kill()
        assert kept(server.dsn("owner"))
        assert read_postmaster(prepared / "data") == before


def test_a_patient_supervisor_serves_until_the_others_have_gone(
    prepared: Path, open_elsewhere: Opener, kept: Kept
) -> None:
    patient = open_elsewhere(prepared, wait_for_others_s=60)
    with EmbeddedPostgres(prepared, fast=True) as server:
        patient.tell("stop")
        with psycopg.connect(server.dsn("owner")) as connection:
            # Longer than the supervisor's looks are apart.
            connection.execute("SELECT pg_sleep(0.6)")
        assert kept(server.dsn("owner"))
        assert not server.supervises
    assert patient.process.wait(20) == 0


FORKING = """
import os, sys, time
from pathlib import Path
import psycopg
from gateway.store.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), fast=True)
server.start_blocking()
if os.fork() == 0:
    server.stop_blocking()
    os._exit(0)
os.wait()
psycopg.connect(server.dsn("app")).close()
child = os.fork()
if child == 0:
    time.sleep(600)
print(child, flush=True)
time.sleep(600)
"""


def test_a_forked_child_neither_stops_its_parents_server_nor_keeps_the_folder_locked(
    prepared: Path, kept: Kept
) -> None:
    forking = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", FORKING, str(prepared)], stdout=subprocess.PIPE, text=True
    )
    assert forking.stdout is not None
    child = int(forking.stdout.readline())
    forking.kill()
    forking.wait()
    forking.stdout.close()
    try:
        with EmbeddedPostgres(prepared, fast=True) as server:
            assert server.supervises
            assert kept(server.dsn("owner"))
    finally:
        os.kill(child, signal.SIGKILL)
