"""The same photographs of QR codes, read by the app's own reader in Chromium: `readPhoto`, its worker, its WebAssembly."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from dev.web import WEB, npm_environment
from tests.conformance.tally import Tally
from tests.conformance.test_qr_photos import ENOUGH, plain
from tests.conformance.test_qr_photos import read as read_by_server
from tests.journeys.browser import chromium

BUILD = """
import { build } from 'vite'
const lib = { entry: 'src/scan/photo.ts', formats: ['es'], fileName: 'photo' }
await build({ configFile: false, root: process.argv[2], logLevel: 'error', worker: { format: 'es' },
  build: { outDir: process.argv[3], emptyOutDir: true, target: 'es2022', lib } })
"""
READ = """async (path) => {
  const { readPhoto } = await import('/photo.js')
  const picture = await (await fetch(`/pictures/${path}`)).blob()
  return await readPhoto(new File([picture], 'photo.png', { type: 'image/png' }))
}"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves the built reader and the pictures, and says nothing of it."""

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture(scope="module")
def app(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page of the app's own origin with its photo reader."""
    folder = tmp_path_factory.mktemp("reader")
    script = WEB / "node_modules" / ".reader-build.mjs"
    script.write_text(BUILD, encoding="utf-8")
    command = ["node", str(script), str(WEB / "mobile"), str(folder)]
    try:
        subprocess.run(command, cwd=WEB, env=npm_environment(), check=True)
    finally:
        script.unlink()
    (folder / "index.html").write_text("<!doctype html><title>reader</title>", encoding="utf-8")
    (folder / "pictures").symlink_to(corpora / "qr-zxing")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright, chromium(playwright, folder / "film") as browser:
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/index.html")
        yield page
    server.shutdown()
    server.server_close()


def read(app: Page, corpora: Path, picture: Path) -> str | None:
    found = app.evaluate(READ, picture.relative_to(corpora / "qr-zxing").as_posix())
    return plain(found) if isinstance(found, str) else None


def test_photographs(app: Page, corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tally, unread = Tally("qr-zxing, photographs by the app's reader in Chromium"), 0
    for picture in sorted((corpora / "qr-zxing").glob("*qrcode-*/*.png")):
        found = read(app, corpora, picture)
        if found is None:
            unread += 1
            continue
        label = picture.with_suffix(".txt")
        right = plain(label.read_text(encoding="utf-8")) == found if label.is_file() else True  # one picture of four codes
        there = read_by_server(picture)
        if not right and len(there) > 1 and found in there:
            tally.skip(f"{picture.parent.name}/{picture.name} holds {len(there)} codes: the one without a label was read")
            continue
        tally.judge(f"{picture.parent.name}/{picture.name}: {found}", should_pass=True, passes=right)
    with capsys.disabled():
        sys.stdout.write(f"\n    {unread} not read")
    tally.settle(capsys, at_least=ENOUGH - tally.not_applicable.total())


def test_nothing_is_read_where_nothing_is(app: Page, corpora: Path) -> None:
    pictures = sorted((corpora / "qr-zxing").glob("falsepositives*/*.png"))
    assert len(pictures) >= 28
    assert [picture.name for picture in pictures if read(app, corpora, picture) is not None] == []
