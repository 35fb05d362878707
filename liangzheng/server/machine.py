"""What this machine offers: Python, Node, SM2, Chromium, fonts, ports. Each finding says what to do when it is missing."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

OLDEST_PYTHON = (3, 11)
OLDEST_NODE = (20, 19)
GET_NODE = "install Node.js 20.19 or newer (https://nodejs.org, `apt-get install nodejs npm` on Debian 13, `brew install node`)"
GET_CHROMIUM = "run `.venv/bin/playwright install --with-deps chromium`, or name your own in CHROMIUM"

_CHROMIUMS = (
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/usr/bin/google-chrome-stable",
    "/snap/bin/chromium",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)

GET_SOFTHSM = "run `apt-get install -y softhsm2` (macOS: `brew install softhsm`)"
_SOFTHSMS = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `doctor`. `needed_for`: "run", "web", "test" or "" (nice to have); `advice` is empty when all is well."""

    what: str
    found: str
    needed_for: str
    advice: str = ""


def python_problem(version: tuple[int, ...], program: str = "python3") -> str:
    """Say in one line that Python is too old; empty when it is not."""
    if version >= OLDEST_PYTHON:
        return ""
    have, need = (".".join(map(str, numbers[:2])) for numbers in (version, OLDEST_PYTHON))
    return f"{program} is Python {have}; liangzheng needs {need} or newer (choose another with `make PYTHON=python3.12`)."


def find_python() -> Finding:
    """Look at the running Python."""
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", version, "run", python_problem(tuple(sys.version_info[:2])))


def read_node_version(text: str) -> tuple[int, ...]:
    """Read `v20.20.2`; an unreadable text is version 0."""
    numbers = text.strip().removeprefix("v").split("-")[0].split(".")
    return tuple(int(number) for number in numbers) if all(number.isdigit() for number in numbers) else (0,)


def find_node() -> Finding:
    """Look for Node.js and npm, which build the web pages."""
    text = _first_line(["node", "--version"])
    if not text or not shutil.which("npm"):
        return Finding("Node.js", text or "missing", "web", GET_NODE)
    return Finding("Node.js", text, "web", "" if read_node_version(text) >= OLDEST_NODE else GET_NODE)


def find_sm2() -> Finding:
    """Make and check one SM2 signature, and name the libcrypto that did it; opening it checked the GB/T 32918 example."""
    from liangzheng.crypto import libcrypto
    from liangzheng.crypto.sm2 import SM2PrivateKey
    from liangzheng.errors import Unavailable

    try:
        key = SM2PrivateKey.generate()
        good = key.public_key.verify(key.sign(b"doctor"), b"doctor")
    except Unavailable as error:
        return Finding("SM2 (OpenSSL)", "missing", "run", error.message)
    return Finding(
        "SM2 (OpenSSL)", libcrypto.describe() if good else "broken", "run", "" if good else "install OpenSSL 3 with SM2"
    )


def find_chromium() -> Finding:
    """Look for a Chromium for the browser tests: CHROMIUM, then the usual places, then the path."""
    named = os.environ.get("CHROMIUM", "")
    for candidate in [named] if named else [*_CHROMIUMS, shutil.which("chromium") or "", *_of_playwright()]:
        if candidate and os.access(candidate, os.X_OK):
            return Finding("Chromium", candidate, "test")
    return Finding("Chromium", f"{named} is no program" if named else "missing", "test", GET_CHROMIUM)


def _of_playwright() -> list[str]:
    """Look where `playwright install chromium` puts it."""
    caches = (Path.home() / ".cache" / "ms-playwright", Path.home() / "Library" / "Caches" / "ms-playwright")
    programs = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*")
    return sorted(str(path) for cache in caches for program in programs for path in cache.glob(program))


def find_cjk_font() -> Finding:
    """Look for a Chinese font for screens; documents bring their own."""
    if sys.platform == "darwin":
        return Finding("Chinese screen font", "comes with macOS", "test")
    name = _first_line(["fc-list", ":lang=zh-cn", "family"])
    return Finding("Chinese screen font", name or "missing", "test", "" if name else "run `apt-get install -y fonts-noto-cjk`")


def find_softhsm() -> Finding:
    """Look for SoftHSM, the token in software with which keys in tokens are tested: its module, and its program beside it."""
    found = next((path for path in _SOFTHSMS if Path(path).is_file()), "")
    there = found and shutil.which("softhsm2-util")
    return Finding("SoftHSM", found if there else "missing", "test", "" if there else GET_SOFTHSM)


def find_ffmpeg() -> Finding:
    """Look for ffmpeg, with which one can make camera films of codes by hand."""
    path = shutil.which("ffmpeg")
    return Finding(
        "ffmpeg", path or "missing", "", "" if path else "only for camera films made by hand: `apt-get install ffmpeg`"
    )


def port_problem(host: str, port: int, setting: str = "LIANGZHENG_PORT") -> str:
    """Say in one line why nothing can listen here; empty when something can. `setting` names what would change it."""
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror:
        return f"{host} is no address of this machine: set LIANGZHENG_HOST."
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except PermissionError:
            return f"port {port} needs more rights: choose one above 1023 with {setting}."
        except OSError:
            return f"port {port} on {host} is busy: stop what uses it, or choose another with {setting}."
    return ""


def folder_problem(folder: Path) -> str:
    """Say in one line why a folder cannot hold the data; empty when it can."""
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir():
        return f"{there} is not a folder: choose another with LIANGZHENG_DATA."
    return "" if os.access(there, os.W_OK | os.X_OK) else f"{there} cannot be written: choose another with LIANGZHENG_DATA."


def _first_line(command: list[str]) -> str:
    if not shutil.which(command[0]):
        return ""
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=20)
    return (done.stdout.splitlines() or [""])[0].strip() if done.returncode == 0 else ""
