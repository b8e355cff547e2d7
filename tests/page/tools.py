"""Fetch what looks at a page: a browser, from Debian, and axe-core, from npm; `make test-page`.

It writes axe-core to the file that it is given, once, and installs the browser where there is none.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

AXE = "4.14.1"
SHA512 = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def browser() -> str | None:
    """Find a browser of the Chromium family."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def install_browser() -> None:
    """Install Debian's Chromium."""
    if not shutil.which("apt-get"):
        sys.exit(f"No browser is here ({', '.join(BROWSERS)}), and no apt-get to install one.")
    quiet = ["apt-get", "--quiet", "--quiet"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
        done = subprocess.run([*quiet, *command], env=environment, check=False)  # noqa: S603
        if done.returncode:
            sys.exit(f"apt-get {command[0]} failed: install a browser ({', '.join(BROWSERS)}).")


def fetch_axe(place: Path) -> None:
    """Write the script of axe-core, of the one version whose bytes are known, to a file."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("No npm is here to fetch axe-core with: install Node.js.")
    with tempfile.TemporaryDirectory() as folder:
        command = [npm, "pack", f"axe-core@{AXE}", "--silent"]
        done = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=False)  # noqa: S603
        packed = Path(folder) / f"axe-core-{AXE}.tgz"
        if done.returncode or not packed.exists():
            sys.exit(f"npm could not fetch axe-core {AXE}.")
        found = base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode()
        if found != SHA512:
            sys.exit(f"axe-core {AXE} has other bytes than it should: sha512 {found}.")
        with tarfile.open(packed) as archive:
            script = archive.extractfile("package/axe.min.js")
            assert script is not None
            place.write_bytes(script.read())


if __name__ == "__main__":
    if browser() is None:
        install_browser()
    fetch_axe(Path(sys.argv[1]))
