"""What `make woocommerce-plugin` builds."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from doorstep.delivery_status import DeliveryStatus
from tests.architecture.repository import ROOT, files

PLUGIN = Path("storefront/woocommerce-plugin")
FOLDER = "doorstep-for-woocommerce"


def _built(repository: Path, directory: Path) -> Path:
    command = [sys.executable, str(repository / PLUGIN / "build"), str(directory)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    path = directory / f"{FOLDER}.zip"
    assert re.fullmatch(rf"{re.escape(str(path))} \(\d+ KB\)\n", said)
    return path


def test_the_zip_has_what_a_shop_runs_and_nothing_else(tmp_path: Path) -> None:
    shipped = {"doorstep.php", "autoload.php", "uninstall.php", "readme.txt", "license.txt"}
    ours = [path.relative_to(PLUGIN) for path in files() if path.is_relative_to(PLUGIN)]
    shipped |= {path.as_posix() for path in ours if path.parts[0] in {"src", "assets", "languages"}}
    with zipfile.ZipFile(_built(ROOT, tmp_path)) as archive:
        names = archive.namelist()
        assert sorted(names) == sorted(f"{FOLDER}/{name}" for name in shipped)
        assert archive.read(f"{FOLDER}/license.txt") == (ROOT / "LICENSE").read_bytes()
    assert not [name for name in names if re.search(r"test|stand-in|\.(xml|md|mjs|zip)$", name)]


def test_the_zip_says_one_version_everywhere(tmp_path: Path) -> None:
    with zipfile.ZipFile(_built(ROOT, tmp_path)) as archive:
        main, readme = (archive.read(f"{FOLDER}/{name}").decode() for name in ("doorstep.php", "readme.txt"))
    said = [
        re.search(pattern, text, re.MULTILINE)
        for pattern, text in (
            (r"^ \* Version: (.+)$", main),
            (r"^define\( 'DOORSTEP_VERSION', '(.+)' \);$", main),
            (r"^Stable tag: (.+)$", readme),
            (r"== Changelog ==\n\n= (.+) =$", readme),
        )
    ]
    assert len({found[1] if found else None for found in said}) == 1
    assert said[0] is not None


def test_a_copy_of_the_files_makes_the_same_zip(tmp_path: Path) -> None:
    """Files of a fresh clone have other times and stand elsewhere."""
    clone = tmp_path / "clone"
    shutil.copytree(ROOT / PLUGIN, clone / PLUGIN, copy_function=shutil.copyfile)
    shutil.copyfile(ROOT / "LICENSE", clone / "LICENSE")
    assert _built(ROOT, tmp_path / "ours").read_bytes() == _built(clone, tmp_path / "theirs").read_bytes()


def test_every_status_that_orders_carry_has_words() -> None:
    """One that the plugin does not know is shown as being delivered, which not all are."""
    known = re.findall(r"'([A-Z_]+)' +=> __\(", (ROOT / PLUGIN / "src/Tracking/Words.php").read_text())
    assert set(known) == set(DeliveryStatus) - {DeliveryStatus.UNKNOWN}
