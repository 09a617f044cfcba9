"""What `pip install doorstep` gives: our packages whole, and nothing that belongs to somebody else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from gateway.cli import doctor
from tests.architecture.repository import ROOT, files

PACKAGES = {"connectors", "doorstep", "gateway", "optimizer", "simulator", "webhooks"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_holds_our_packages_and_no_others(wheel: zipfile.ZipFile) -> None:
    tops = {Path(name).parts[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == PACKAGES


def test_the_doctor_guards_the_names_that_the_wheel_takes() -> None:
    assert set(doctor.OUR_PACKAGES) == PACKAGES


def test_no_other_installed_distribution_has_a_package_of_our_names() -> None:
    assert [check.text for check in doctor._names() if not check.passed] == []


def test_the_wheel_holds_every_file_of_the_packages(wheel: zipfile.ZipFile) -> None:
    """Documents, pages and migrations lie beside the code and travel with it."""
    ours = {path.as_posix() for path in files() if path.parts[0] in PACKAGES}
    packed = {name for name in wheel.namelist() if Path(name).parts[0] in PACKAGES}
    assert packed == ours


@pytest.mark.parametrize("kind", [".graphql", ".sql", ".mako", ".html", ".typed"])
def test_the_wheel_holds_package_data_of_each_kind(wheel: zipfile.ZipFile, kind: str) -> None:
    assert any(name.endswith(kind) for name in wheel.namelist())


def test_every_entry_point_of_the_wheel_names_something_that_is_there(wheel: zipfile.ZipFile) -> None:
    points = _entry_points(wheel)
    assert {point.group for point in points} >= {"console_scripts", "doorstep.stores", "doorstep.couriers"}
    for point in points:
        assert point.load() is not None


def _entry_points(wheel: zipfile.ZipFile) -> EntryPoints:
    name = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    group, points = "", []
    for line in wheel.read(name).decode().splitlines():
        if line.startswith("["):
            group = line.strip("[]")
        elif line:
            key, _, value = line.partition(" = ")
            points.append(EntryPoint(key, value, group))
    return EntryPoints(points)
