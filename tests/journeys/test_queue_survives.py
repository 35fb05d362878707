"""What was seen without signal outlives a closed tab, a killed browser, and a replaced app; it reaches the server once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Error, Page, Playwright, expect, sync_playwright

from liangzheng.server.machine import find_chromium
from tests.journeys.browser import FLAGS, PASSWORD
from tests.journeys.conftest import City
from tests.journeys.phones import open_coach_act, show_and_open
from tests.journeys.showing import Showing
from tests.journeys.test_screens import BURST

DRIVER = "道路运输从业人员从业资格证"
REPLACED = """async () => {
  for (const worker of await navigator.serviceWorker.getRegistrations()) await worker.unregister()
  for (const name of await caches.keys()) await caches.delete(name)
}"""
"""The worker and all its files go, as at the worst of updates."""


@contextmanager
def phone(playwright: Playwright, profile: Path, address: str) -> Iterator[BrowserContext]:
    """A browser whose profile lies on disk, without a camera."""
    found = find_chromium()
    assert found.found, found.advice
    context = playwright.chromium.launch_persistent_context(
        profile,
        executable_path=found.found,
        headless=True,
        args=FLAGS,
        viewport={"width": 390, "height": 844},
        locale="zh-CN",
        base_url=address,
    )
    context.set_default_timeout(20_000)
    try:
        yield context
    finally:
        with suppress(Error):  # it may be dead
            context.close()


def processes(profile: Path) -> list[int]:
    """Every process of the browser with this profile."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            found += [int(entry.name)] if str(profile).encode() in words else []
    return found


def close_tab(context: BrowserContext, _profile: Path) -> None:
    context.pages[-1].close()


def kill_browser(_context: BrowserContext, profile: Path) -> None:
    killed = processes(profile)
    assert killed
    for process in killed:
        os.kill(process, signal.SIGKILL)


def replace_app(context: BrowserContext, _profile: Path) -> None:
    context.set_offline(offline=False)
    context.pages[-1].evaluate(REPLACED)


def waiting(page: Page, count: int) -> None:
    page.goto("/officer/queue")
    expect(page.get_by_test_id("line-state")).to_have_attribute("data-waiting", str(count))


def sign_in(page: Page) -> None:
    """Sign in through the form."""
    page.goto("/")
    for name, text in (("username", "wang"), ("password", PASSWORD)):
        field = page.get_by_test_id(f"login-{name}")
        field.locator("input").or_(field).last.fill(text)
    page.get_by_test_id("login-submit").click()


def scan_without_signal(context: BrowserContext, act: str, code: str) -> None:
    """Sign in, take the pack, lose the signal, scan."""
    page = context.new_page()
    sign_in(page)
    page.wait_for_url("**/officer")
    expect(page.get_by_test_id("line-state")).to_have_attribute("data-pack", "fresh")
    page.wait_for_function("navigator.serviceWorker.controller !== null || navigator.serviceWorker.ready.then(() => true)")
    page.goto(f"/officer/acts/{act}")
    expect(page.get_by_test_id("go-scan")).to_be_enabled()
    context.set_offline(offline=True)
    page.goto(f"/officer/acts/{act}/scan")
    page.get_by_text("还需核验").wait_for()  # the inspection is at hand
    page.evaluate(BURST, code)
    expect(page.get_by_test_id("verdict")).to_have_attribute("data-standing", "valid_offline")
    waiting(page, 1)


@pytest.mark.parametrize("end", [close_tab, kill_browser, replace_app], ids=["tab closed", "browser killed", "app replaced"])
def test_the_queue_survives(end: Callable[[BrowserContext, Path], None], city: City, tmp_path: Path) -> None:
    wang, profile = city.phone("wang"), tmp_path / "profile"
    act = str(open_coach_act(wang)["id"])
    show_and_open(city.address, act, wang, city.phone("li"))
    zhang = Showing.of(city.phone("zhang"))
    with sync_playwright() as playwright:
        with phone(playwright, profile, city.address) as context:
            scan_without_signal(context, act, zhang.text(zhang.licence(DRIVER)))
            assert wang.get(f"/acts/{act}")["scans"] == [], "control: the server knows nothing of it"
            end(context, profile)
        with phone(playwright, profile, city.address) as context:
            page = context.new_page()
            page.goto("/officer/queue")
            update = page.get_by_test_id("update-now")
            expect(update.or_(page.get_by_test_id("login-submit"))).to_be_visible()
            if not update.is_visible():  # a browser that was killed may not have written its cookie down
                sign_in(page)
                page.wait_for_url("**/officer")
                page.goto("/officer/queue")
            update.click()
            expect(page.get_by_test_id("line-state")).to_have_attribute("data-waiting", "0")
    scans = wang.get(f"/acts/{act}")["scans"]
    assert [scan["standing"] for scan in scans] == ["valid_offline"]
