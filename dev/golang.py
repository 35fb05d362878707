"""Finds Go and `sumdb` for the independent check of the log, or installs Debian's where that is allowed; else says how.

`golang.org/x/mod/sumdb` is the code behind Go's own checksum database; it knows nothing of this project.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from dev.chromium import apt_install

_SOURCES = Path("/usr/share/gocode")
_PROGRAM = Path(__file__).parent / "logcheck" / "main.go"


def find_go() -> str:
    """Give the path of the Go tool when the packages are there, too; else an empty text."""
    go = shutil.which("go")
    return go if go and (_SOURCES / "src" / "golang.org" / "x" / "mod" / "sumdb" / "tlog").is_dir() else ""


def build_logcheck(target: Path) -> None:
    """Compile the checker; it needs no network and no Go module."""
    scratch = {"GOCACHE": str(target.parent / "go-cache"), "GOTMPDIR": str(target.parent), "HOME": str(target.parent)}
    offline = {"GO111MODULE": "off", "GOPATH": str(_SOURCES), "GOFLAGS": ""}
    command = [find_go(), "build", "-o", str(target), str(_PROGRAM)]
    subprocess.run(command, check=True, env={**os.environ, **offline, **scratch})


def main() -> int:
    """Print the path; exit 1 with one line when there is none."""
    if not find_go():
        apt_install("golang-go", "golang-golang-x-mod-dev")
    go = find_go()
    if not go:
        print("The independent check of the log needs Go: apt-get install golang-go golang-golang-x-mod-dev.", file=sys.stderr)
        return 1
    print(f"== Go: {go}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
