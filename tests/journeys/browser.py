"""A real Chromium with a camera that sees a code: two phones, and a party's browser without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import zxingcpp
from hypothesis import settings
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, expect

from liangzheng.server.machine import find_chromium

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
FRAME = (1280, 720)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]
PASSWORD = "liangzheng-demo"
expect.set_options(timeout=15_000)  # milliseconds, as everything else: a busy machine fails no test


def looks() -> list[tuple[str, str]]:
    """Every size and every colour once; by the profile of `make prove` every pair."""
    rest = [("phone", "dark"), ("desk", "light")] if settings().max_examples >= 2000 else []
    return [("phone", "light"), ("desk", "dark"), *rest]


def picture_of(text: str, size: int = 560) -> Image.Image:
    """Draw a QR code as it stands on a phone's screen."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    drawn = Image.fromarray(code.to_image(scale=8)).convert("L")
    return drawn.resize((size, size), Image.Resampling.NEAREST)


def show_to_camera(film: Path, text: str) -> None:
    """Write what the fake camera sees (YUV4MPEG2, ten frames), "" nothing; Chromium reads it when a page opens the camera."""
    frame = Image.new("L", FRAME, 150)
    if text:
        drawn = picture_of(text)
        frame.paste(drawn, ((FRAME[0] - drawn.width) // 2, (FRAME[1] - drawn.height) // 2))
    grey = bytes([128]) * (FRAME[0] * FRAME[1] // 2)
    one = b"FRAME\n" + frame.tobytes() + grey
    film.write_bytes(f"YUV4MPEG2 W{FRAME[0]} H{FRAME[1]} F10:1 Ip A1:1 C420jpeg\n".encode() + one * 10)


@contextmanager
def chromium(playwright: Playwright, film: Path, *, has_camera: bool = True) -> Iterator[Browser]:
    """Run a browser; without a camera the film's file does not exist, which Chromium reports as no device."""
    found = find_chromium()
    assert found.found, found.advice
    source = film if has_camera else film.with_name("no-such-camera.y4m")
    browser = playwright.chromium.launch(
        executable_path=found.found, headless=True, args=[*FLAGS, f"--use-file-for-fake-video-capture={source}"]
    )
    yield browser
    browser.close()


class Screen:
    """One person's phone: a browser of its own with the web app."""

    def __init__(self, browser: Browser, address: str, **options: Any) -> None:  # noqa: ANN401 - Playwright's own options
        """Open a phone of the usual size."""
        options = {"viewport": PHONE, "permissions": ["camera"], "locale": "zh-CN", "timezone_id": "Asia/Shanghai"} | options
        self.context = browser.new_context(base_url=address, **options)
        self.context.set_default_timeout(15_000)
        self.errors: list[str] = []
        self.page: Page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda message: self.errors.append(message.text) if "Content Security" in message.text else None)

    def sign_in(self, username: str) -> Screen:
        """Sign in through the form."""
        self.page.goto("/")
        self.see("login-username").fill(username)
        self.see("login-password").fill(PASSWORD)
        self.tap("login-submit")
        self.page.wait_for_url("**/officer" if username in {"wang", "li", "zhao", "sun"} else "**/holder")
        return self

    def see(self, name: str) -> Any:  # noqa: ANN401 - a Playwright locator
        """Find a part of the screen by its test name; an input inside a field is meant when there is one."""
        found = self.page.get_by_test_id(name).first
        found.wait_for(state="attached")
        return found

    def tap(self, name: str) -> None:
        """Tap."""
        self.see(name).click()

    def text(self, name: str) -> str:
        """Read a part of the screen."""
        return str(self.see(name).text_content() or "").strip()
