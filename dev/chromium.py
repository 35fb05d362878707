"""Finds a Chromium for the browser tests, or installs Debian's without questions where that is allowed; else says how."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from liangzheng.server.machine import find_chromium, find_cjk_font

_PACKAGES = ("chromium", "fonts-noto-cjk")


def main() -> int:
    """Print the path; exit 1 with one line when there is none."""
    if (find_chromium().advice or find_cjk_font().advice) and not os.environ.get("CHROMIUM"):
        apt_install(*_PACKAGES)
    finding = find_chromium()
    if finding.advice:
        print(f"The browser tests need Chromium: {finding.advice}.", file=sys.stderr)
        return 1
    print(f"== Chromium: {finding.found}")
    return 0


def apt_install(*packages: str) -> None:
    """Install Debian packages where this is root on a machine with apt-get; elsewhere do nothing."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print(f"== installing {' and '.join(packages)} with apt-get", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        if subprocess.run(["apt-get", *words], check=False, env=environment).returncode:
            return  # what is still missing is said by the caller


if __name__ == "__main__":
    sys.exit(main())
